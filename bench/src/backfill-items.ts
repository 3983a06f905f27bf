import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fillBackfill } from "./backfill/fill-backfill.ts";
import { benchFolder } from "./bench-folder.ts";
import { type BenchOptions, median, quantile, rounded } from "./figures.ts";
import { type Hospital, startHospital } from "./hospital/hospital.ts";

const CLI = fileURLToPath(new URL("../../cli/src/main.ts", import.meta.url));
const FULL = { sizes: [1_000, 1_000_000], rounds: 20 };
const QUICK = { sizes: [100, 1_000], rounds: 3 };
const FORMATS = ["csv", "ndjson", "parquet", "html"];
/** Of a page of the listing. */
const PAGE_LIMIT_MS = 100;
const PAGE = 100;
/** How often the memory of a client is looked at. */
const POLL_MS = 50;

/**
 * Backfills of a thousand and of a million items: milliseconds of a page of the listing at its start,
 * middle and end, and of the view with its counts; the memory of client and gateway while all of it
 * is exported. The items are written by SQL: no study is behind them, so that an export has a row
 * each, and reads what it would read.
 */
export async function runBackfillItems({ quick }: BenchOptions): Promise<object> {
  const { sizes, rounds } = quick ? QUICK : FULL;
  const folder = await benchFolder("backfill-items");
  const hospital = await startHospital();
  try {
    const measured: Measured[] = [];
    for (const items of sizes) measured.push(await measure(hospital, { items, rounds, folder }));
    const [small, large] = measured;
    if (small === undefined || large === undefined) throw new Error("two sizes");
    return {
      bench: "backfill-items",
      pageLimitMs: PAGE_LIMIT_MS,
      slowestPageMs: large.pageMs.slowest,
      viewRatio: rounded(large.viewMs.typical / small.viewMs.typical, 2),
      clientRatio: rounded(peak(large) / peak(small), 2),
      gatewayRatio: rounded(large.gatewayMb / small.gatewayMb, 2),
      measured,
    };
  } finally {
    await hospital.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Milliseconds {
  readonly typical: number;
  readonly slowest: number;
}

interface Exported {
  readonly format: string;
  readonly seconds: number;
  /** The most that the client held. */
  readonly clientMb: number;
  readonly fileMb: number;
}

interface Measured {
  readonly items: number;
  readonly pageMs: Milliseconds;
  readonly viewMs: Milliseconds;
  readonly exports: readonly Exported[];
  /** Of the gateway after all of them. */
  readonly gatewayMb: number;
}

const peak = ({ exports }: Measured) => Math.max(...exports.map(({ clientMb }) => clientMb));

interface Trial {
  readonly items: number;
  readonly rounds: number;
  readonly folder: string;
}

async function measure(hospital: Hospital, { items, rounds, folder }: Trial): Promise<Measured> {
  const { id, itemAt } = await fillBackfill(hospital.db, items);
  const path = `/api/v1/backfills/${id}`;
  const places = ["", ...[0.5, 0.99].map((share) => `&after=${itemAt(Math.floor(share * items))}`)];
  const pages: number[] = [];
  const views: number[] = [];
  // The first round is a warm-up and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    for (const place of places) {
      const ms = await timed(hospital, `${path}/items?limit=${PAGE}${place}`);
      if (round > 0) pages.push(ms);
    }
    const ms = await timed(hospital, path);
    if (round > 0) views.push(ms);
  }
  const exports: Exported[] = [];
  for (const format of FORMATS) {
    exports.push(
      await exported(hospital, { id, format, file: join(folder, `${items}.${format}`) }),
    );
  }
  const { gateway: gatewayMb } = await hospital.residentMb();
  return { items, pageMs: spread(pages), viewMs: spread(views), exports, gatewayMb };
}

function spread(values: readonly number[]): Milliseconds {
  return { typical: rounded(median(values), 1), slowest: rounded(quantile(values, 1), 1) };
}

async function timed({ gateway, key }: Hospital, path: string): Promise<number> {
  const started = performance.now();
  const answer = await fetch(`${gateway}${path}`, { headers: { authorization: `Bearer ${key}` } });
  await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return performance.now() - started;
}

interface Export {
  readonly id: string;
  readonly format: string;
  readonly file: string;
}

async function exported(
  { gateway, key }: Hospital,
  { id, format, file }: Export,
): Promise<Exported> {
  const started = performance.now();
  const client = spawn(process.execPath, [CLI, "backfill", "export", id, file], {
    env: { ...process.env, AXIAL_URL: gateway, AXIAL_API_KEY: key },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const closed = once(client, "close");
  let clientMb = 0;
  const poll = setInterval(async () => {
    clientMb = Math.max(clientMb, await mostResident(client.pid ?? 0));
  }, POLL_MS);
  const [code] = await closed;
  clearInterval(poll);
  if (code !== 0) throw new Error(`the export to ${format} ended with ${code}`);
  const seconds = rounded((performance.now() - started) / 1_000, 1);
  const fileMb = rounded((await stat(file)).size / 1e6, 1);
  await rm(file);
  return { format, seconds, clientMb: rounded(clientMb, 0), fileMb };
}

/** Megabytes that a process held at most so far; 0 where there is no /proc, or no process any more. */
async function mostResident(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_024;
}
