import { parseArgs } from "node:util";

/** Each bench is a module that gives its figures; only the one asked for is loaded. */
const BENCHES: Readonly<Record<string, () => Promise<object>>> = {
  autoscale: async () => (await import("./autoscale.ts")).runAutoscale(),
  decode: async () => (await import("./decode.ts")).runDecode(),
  gpu: async () => (await import("./gpu.ts")).runGpu(),
  ingest: async () => (await import("./ingest.ts")).runIngest(),
  pipeline: async () => (await import("./pipeline.ts")).runPipeline(),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false } },
});
const bench = BENCHES[positionals[0] ?? ""];
if (bench === undefined) {
  process.stderr.write(`bench: one of ${Object.keys(BENCHES).join(", ")}\n`);
  process.exit(2);
}
const figures = await bench();
process.stdout.write(
  values.json ? `${JSON.stringify(figures)}\n` : `${JSON.stringify(figures, null, 2)}\n`,
);
