import { parseArgs } from "node:util";
import { endWithStarter } from "@axial/kit";
import type { BenchOptions } from "./figures.ts";

/** Each bench is a module that returns its figures; only the requested one is loaded. */
const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<object>>> = {
  audit: async (options) => (await import("./audit.ts")).runAudit(options),
  autoscale: async () => (await import("./autoscale.ts")).runAutoscale(),
  "autoscale-real": async (options) =>
    (await import("./autoscale-real.ts")).runAutoscaleReal(options),
  backfill: async (options) => (await import("./backfill.ts")).runBackfill(options),
  "backfill-items": async (options) =>
    (await import("./backfill-items.ts")).runBackfillItems(options),
  backlog: async (options) => (await import("./backlog.ts")).runBacklog(options),
  cstore: async (options) => (await import("./cstore.ts")).runCstore(options),
  decode: async () => (await import("./decode.ts")).runDecode(),
  fairness: async (options) => (await import("./fairness.ts")).runFairness(options),
  gpu: async (options) => (await import("./gpu.ts")).runGpu(options),
  hostile: async (options) => (await import("./hostile.ts")).runHostile(options),
  ingest: async (options) => (await import("./ingest.ts")).runIngest(options),
  latency: async (options) => (await import("./latency.ts")).runLatency(options),
  "lower-resolution": async (options) =>
    (await import("./lower-resolution.ts")).runLowerResolution(options),
  peer: async () => (await import("./peer.ts")).runPeer(),
  libraries: async () => (await import("./libraries.ts")).runLibraries(),
  pipeline: async () => (await import("./pipeline.ts")).runPipeline(),
  scale: async (options) => (await import("./scale.ts")).runScale(options),
  search: async (options) => (await import("./search.ts")).runSearch(options),
  stat: async (options) => (await import("./stat.ts")).runStat(options),
};

endWithStarter();
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    /** Tiny sizes, to see that a bench works. */
    quick: { type: "boolean", default: false },
    /** Of `backfill`, how many. */
    studies: { type: "string" },
    /** Of `gpu`, in order: what to measure instead of the first device that works. */
    providers: { type: "string" },
    /** Of `cstore`: over how many its memory is watched; 10 by default. */
    gigabytes: { type: "string" },
  },
});
const bench = BENCHES[positionals[0] ?? ""];
if (bench === undefined) {
  process.stderr.write(`bench: one of ${Object.keys(BENCHES).join(", ")}\n`);
  process.exit(2);
}
const studies = values.studies === undefined ? undefined : Number(values.studies);
const figures = await bench({ ...values, studies });
process.stdout.write(
  values.json ? `${JSON.stringify(figures)}\n` : `${JSON.stringify(figures, null, 2)}\n`,
);
