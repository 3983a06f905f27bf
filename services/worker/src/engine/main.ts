/**
 * The engine: a child process that knows no queue. Its main thread coordinates and never
 * computes; decoding and inference have threads of their own. It ends with its supervisor.
 */
import { mkdir } from "node:fs/promises";
import type { Failure } from "@axial/contracts";
import { GroupCommit } from "@axial/kit/loops";
import { BEAT_EVERY_MS, type EngineConfig, type FromEngine, type ToEngine } from "../protocol.ts";
import { openSource } from "./decode/source.ts";
import { engineNotes } from "./engine-notes.ts";
import { Pipeline } from "./pipeline.ts";
import { openStages, type StagesOptions } from "./stages.ts";
import { StartQueue } from "./start-queue.ts";
import { Tasks } from "./tasks.ts";

/** Images that begun tasks may have to be prepared: what threads and arenas take, twice. */
const BATCHES_BEGUN = 8;

/** The messages of one turn of the event loop are sent as one. */
const outbox = new GroupCommit<FromEngine>(
  { maxItems: Number.POSITIVE_INFINITY },
  async (messages) => void process.send?.(messages),
);
const say = (message: FromEngine): void => void outbox.submit([message]);

let serving: Tasks | undefined;

process.on("message", (message: ToEngine) => {
  if (message.kind === "start") void start(message.config);
  else if (message.kind === "task") serving?.submit(message.task);
  else if (message.kind === "withdraw") serving?.withdraw(message.key);
  else serving?.drain();
});
process.on("disconnect", () => process.exit(0));
// The supervisor drains and replaces the engine; a signal to the whole group must not cut in.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => {});

async function start(config: EngineConfig): Promise<void> {
  const source = { kind: "blobs", url: config.blobUrl } as const;
  const stages = await openWithCache({ ...config, source });
  if ("failures" in stages) {
    say({ kind: "unready", failures: stages.failures });
    return;
  }
  const pipeline = new Pipeline({ ...stages, read: openSource(source) });
  const startQueue = new StartQueue(BATCHES_BEGUN * config.batchImages);
  serving = new Tasks({ pipeline, startQueue, say });
  const notes = await engineNotes(config, stages.device.models);
  say({ kind: "ready", models: stages.device.models, notes });
  setInterval(() => say({ kind: "beat", counts: stages.stats.take() }), BEAT_EVERY_MS);
}

/** Opens the stages once TensorRT has the folder that it was given. */
async function openWithCache(options: StagesOptions) {
  const { tensorrtCache } = options;
  try {
    if (tensorrtCache !== null) await mkdir(tensorrtCache, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const detail = `the folder for TensorRT's engines cannot be made: ${code}`;
    return { failures: [{ code: "unavailable", detail }] satisfies Failure[] };
  }
  return openStages(options);
}
