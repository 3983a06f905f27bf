/**
 * A device thread: loads every model, checks its golden outputs and runs batches. The runtime's
 * call blocks this thread, and nothing else.
 */
import { getPriority, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { asAxialError, type Failure } from "@axial/contracts";
import {
  type InferenceSession,
  loadModelPackage,
  openSession,
  verifyGolden,
} from "@axial/inference";
import type { ReadyModel } from "../../protocol.ts";
import { type InstalledModel, packageFailure } from "../installed-models.ts";
import { batchSizes, paddedTo } from "./batch-sizes.ts";
import type { DeviceThreadData, FromDevice, Outputs, RunBatch } from "./messages.ts";

const port = parentPort;
if (port === null) throw new Error("device-thread.ts runs as a worker thread");

/**
 * Inference on the CPU yields to whatever accepts, plans, decodes and records beside it: those
 * need little, and a STAT study waits for each of them. On Linux a niceness is one thread's own.
 */
const CPU_NICENESS = 5;
const MAX_NICENESS = 19;

const data = workerData as DeviceThreadData;
const sessions: InferenceSession[] = [];
/** By model: the sizes to which batches are filled up; none where any size will do. */
const sizes: (readonly number[])[] = [];
const gathered = new Uint8Array(
  Math.max(1, ...data.models.map((model) => model.slots * model.sampleBytes)),
);

const say = (message: FromDevice): void => port.postMessage(message);

port.on("message", (batch: RunBatch) => void run(batch).then(say));
await load();
// Only now: loading and checking a model should not take longer on a busy machine.
if (data.providers[0] === "cpu") setPriority(Math.min(MAX_NICENESS, getPriority() + CPU_NICENESS));

async function load(): Promise<void> {
  const ready: ReadyModel[] = [];
  const failures: Failure[] = [];
  for (const model of data.models) {
    try {
      ready.push(await open(model));
    } catch (error) {
      failures.push(packageFailure(model.folder, error));
    }
  }
  say(failures.length === 0 ? { kind: "loaded", models: ready } : { kind: "not-loaded", failures });
}

async function open(model: InstalledModel): Promise<ReadyModel> {
  const pkg = await loadModelPackage(model.folder);
  const { providers, sessionThreads: threads, device } = data;
  const session = await openSession(pkg, { providers, threads, device });
  sessions[model.index] = session;
  const report = data.verify ? await verifyGolden(session, pkg) : { worst: 0 };
  if (data.providers[0] !== "cpu") await warmUp(session, model);
  const { id, version } = pkg.manifest;
  return { id, version, provider: session.provider, goldenWorst: report.worst };
}

/**
 * Devices choose their kernels by batch size, which takes seconds: all that are in use, before any
 * task waits; the largest first, so that memory is known to suffice. Not for a network that sees a
 * whole series: it would see the padding, too.
 */
async function warmUp(session: InferenceSession, model: InstalledModel): Promise<void> {
  const whole = model.manifest.aggregation.kind === "in-graph";
  const used = whole ? [model.batchImages] : batchSizes(model.batchImages);
  for (const size of used.toReversed()) {
    await session.run(gathered.subarray(0, size * model.sampleBytes), size);
  }
  sizes[model.index] = whole ? [] : used;
}

async function run({ model: index, slots }: RunBatch): Promise<FromDevice> {
  const [model, session] = [data.models[index], sessions[index]];
  if (model === undefined || session === undefined) {
    return { kind: "failed", failure: { code: "model-not-found" } };
  }
  const started = performance.now();
  try {
    const count = paddedTo(sizes[index] ?? [], slots.length);
    const values = await session.run(gather(model, slots, count), count);
    const outputs: Outputs = Object.fromEntries(
      [...session.outputs].map(([name, shape]) => [
        name,
        { shape, values: values[name] ?? new Float32Array() },
      ]),
    );
    return { kind: "ran", outputs, milliseconds: performance.now() - started };
  } catch (error) {
    return { kind: "failed", failure: asAxialError(error, "inference-failed").toJSON() };
  }
}

/**
 * The samples side by side: in place where their slots are, else copied. Whatever lies behind them
 * pads the batch to `count`; its outputs are ignored.
 */
function gather(
  { arena, sampleBytes, slots: places }: InstalledModel,
  slots: readonly number[],
  count: number,
): Uint8Array {
  const first = slots[0] ?? 0;
  const inPlace = slots.every((slot, index) => slot === first + index);
  if (inPlace && first + count <= places) {
    return new Uint8Array(arena, first * sampleBytes, count * sampleBytes);
  }
  slots.forEach((slot, index) => {
    gathered.set(new Uint8Array(arena, slot * sampleBytes, sampleBytes), index * sampleBytes);
  });
  return gathered.subarray(0, count * sampleBytes);
}
