import { parseArgs } from "node:util";
import { runFuzz } from "./fuzz.ts";

/** `npm run fuzz -- --mutants N --seed S [--threads T] [--first I]`; exit code 1 on findings. */
const { values } = parseArgs({
  options: {
    mutants: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: "1" },
    first: { type: "string", default: "0" },
  },
});

const report = await runFuzz({
  mutants: Number(values.mutants),
  seed: Number(values.seed),
  threads: Number(values.threads),
  first: Number(values.first),
  shared: true,
  onProgress: (done) => process.stderr.isTTY && process.stderr.write(`\rmutant ${done} `),
});
for (const { index, source, what } of report.findings) {
  console.error(`mutant ${index} of ${source}: ${what}`);
}
console.log(JSON.stringify({ mutants: Number(values.mutants), ...report.tally }));
console.log(`${report.findings.length} findings`);
process.exitCode = report.findings.length > 0 ? 1 : 0;
