import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { runFuzz } from "@axial/dicom/fuzz";
import { endWithStarter } from "@axial/kit";
import { queueBackends } from "@axial/testkit";
import { startSystem } from "../system.ts";
import { fuzzSystem, TARGETS } from "./fuzz-system.ts";
import { FUZZED } from "./target.ts";

/**
 * `npm run fuzz`: mutants of files through the reader (`--mutants N --seed S --threads T --first I`).
 * `npm run fuzz -- --minutes M`: those for a fifth of the time, then wrong input at the doors of a
 * system of its own (`--targets stow,multipart,json,dimse`). Exit code 1 on findings, or when
 * memory grows; each finding is written to `fuzz-findings`.
 */
endWithStarter();
const { values } = parseArgs({
  options: {
    mutants: { type: "string" },
    minutes: { type: "string" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: "1" },
    first: { type: "string", default: "0" },
    targets: { type: "string", default: TARGETS.join(",") },
  },
});
const DEFAULT_MUTANTS = 20_000;
/** Mutants in a round between looks at the clock. */
const ROUND = 2_000;
const READER_SHARE = 0.2;
/** What garbage collection leaves one way or the other. */
const FLAT_BYTES = 96 * 1024 * 1024;
const FOLDER = "fuzz-findings";

const seed = Number(values.seed);
let findings = 0;

if (values.minutes === undefined) {
  await readMutants(Number(values.mutants ?? DEFAULT_MUTANTS), Number(values.first));
} else {
  const all = Number(values.minutes) * 60_000;
  const readerEnds = Date.now() + all * READER_SHARE;
  let first = Number(values.first);
  for (; Date.now() < readerEnds; first += ROUND) await readMutants(ROUND, first);
  await knockAtDoors(all * (1 - READER_SHARE));
}
console.log(`${findings} findings`);
process.exitCode = findings > 0 ? 1 : 0;

async function readMutants(mutants: number, first: number): Promise<void> {
  const report = await runFuzz({
    ...{ mutants, seed, first, threads: Number(values.threads), shared: true },
    onProgress: (done) => process.stderr.isTTY && process.stderr.write(`\rmutant ${done} `),
  });
  for (const { index, source, what } of report.findings) {
    console.error(`mutant ${index} of ${source}: ${what}`);
  }
  findings += report.findings.length;
  console.log(JSON.stringify({ first, mutants, ...report.tally }));
}

/** For so many milliseconds from when the system is ready: a start may take minutes. */
async function knockAtDoors(milliseconds: number): Promise<void> {
  const [backend] = queueBackends();
  if (backend === undefined) throw new Error("no queue to start a system with");
  const system = await startSystem(backend, undefined, { services: FUZZED });
  try {
    const ends = Date.now() + milliseconds;
    const only = values.targets.split(",");
    const report = await fuzzSystem(system, { seed, only, until: () => Date.now() >= ends });
    const { tally, cases, growth } = report;
    console.log(JSON.stringify({ cases, growthMb: inMegabytes(growth), ...tally }));
    for (const [at, { target, seed: of, what, case: sent }] of report.findings.entries()) {
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(`${FOLDER}/${target}-${of}-${at}.bin`, sent);
      console.error(`${target}, seed ${of}: ${what}`);
    }
    const grown = Object.entries(growth).filter(([, bytes]) => bytes > FLAT_BYTES);
    for (const [service] of grown) console.error(`the memory of ${service} grows`);
    findings += report.findings.length + grown.length;
    if (report.findings.length > 0) console.error(errorsIn(system.logs()));
  } finally {
    await system.stop();
  }
}

function inMegabytes(bytes: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(bytes).map(([service, grown]) => [service, Math.round(grown / 1e6)]),
  );
}

/** The first lines about failures. */
function errorsIn(logs: string): string {
  const lines = logs.split("\n").filter((line) => line.includes('"level":"error"'));
  return lines.slice(0, 20).join("\n");
}
