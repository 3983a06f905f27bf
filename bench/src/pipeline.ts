import { rm } from "node:fs/promises";
import { basename, dirname, sep } from "node:path";
import { closeStudies } from "@axial/store/ingest";
import { committedPackage } from "@axial/testkit";
import { engineEnvironment, machineKey, readTuning, usableCpus } from "@axial/worker";
import { benchFolder } from "./bench-folder.ts";
import { type BareLoopProcess, startBareLoop } from "./pipeline/bare-loop.ts";
import { type Stack, type StackCpu, startStack } from "./pipeline/stack.ts";
import { storeSeries, storeStudies, TENANT } from "./pipeline/stored-studies.ts";

const MODEL = committedPackage("brain-tumour-mobilenetv2");
/** All slices of a series are seen: the model takes its central 16. */
const SLICES = 16;
const STUDIES = 192;
const ROUNDS = 5;
const BATCH = 16;

/** Images per second of each, and CPU milliseconds per image. */
interface Round {
  readonly bare: number;
  readonly split: number;
  readonly pipeline: number;
  readonly cpu: { readonly bare: number; readonly split: number } & StackCpu;
}

/**
 * Instances per second from DICOM in the blob store to committed prediction rows (plan, dispatch,
 * queue, supervisor, engine, results queue, recorder), against a bare loop of ONNX Runtime with
 * the same model and as many threads: one session of all threads, and beside it the same threads
 * as sessions of one thread each, in the environment and with the batches that the engine has. All
 * three in turns, medians over the rounds. `AXIAL_WORKER_TUNING` names what `axial tune` wrote.
 */
export async function runPipeline(): Promise<object> {
  const folder = await benchFolder("pipeline");
  const threads = usableCpus();
  const loop = { folder: MODEL, batch: BATCH };
  const bare = await startBareLoop({ ...loop, sessions: 1, threads });
  const tunedBatch = readTunedBatch();
  const engineLike = { ...loop, sessions: threads, threads: 1, batch: tunedBatch ?? BATCH };
  const split = await startBareLoop(
    engineLike,
    engineEnvironment({ tensorrtCache: null, blobUrl: "" }),
  );
  const queueUrl = process.env.AXIAL_QUEUE_URL;
  const stack = await startStack({
    folder,
    model: MODEL,
    ...(queueUrl === undefined ? {} : { queueUrl }),
  });
  try {
    const rounds = await measure(stack, { bare, split });
    return {
      ...summary(rounds),
      threads,
      queue: queueUrl?.split(":")[0] ?? "postgres",
      tunedBatch,
    };
  } finally {
    bare.stop();
    split.stop();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Images of a batch that `axial tune` found best for the model here; null where it was not run. */
function readTunedBatch(): number | null {
  const file = process.env.AXIAL_WORKER_TUNING;
  const tuning = file === undefined ? null : readTuning(file, machineKey("cpu"));
  return tuning?.batchImages[basename(dirname(MODEL))] ?? null;
}

async function measure(
  stack: Stack,
  { bare, split }: { bare: BareLoopProcess; split: BareLoopProcess },
): Promise<Round[]> {
  const series = await storeSeries(stack.blobs, SLICES);
  const images = STUDIES * SLICES;
  const rounds: Round[] = [];
  let recorded = 0;
  // The first round is a warm-up and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    const ids = await storeStudies(stack, series, STUDIES);
    recorded += ids.length;
    const before = { bare: await bare.cpu(), split: await split.cpu() };
    const barePerSecond = await bare.measure(images);
    const started = performance.now();
    const idle = await stack.cpu();
    await closeStudies(stack.db, TENANT, { ids, reason: "explicit" });
    await stack.recorded(recorded);
    const pipeline = (images * 1_000) / (performance.now() - started);
    const busy = await stack.cpu();
    const splitPerSecond = await split.measure(images);
    const after = { bare: await bare.cpu(), split: await split.cpu() };
    const cpu = {
      bare: ((after.bare - before.bare) * 1_000) / images,
      split: ((after.split - before.split) * 1_000) / images,
      worker: ((busy.worker - idle.worker) * 1_000) / images,
      control: ((busy.control - idle.control) * 1_000) / images,
      postgres: ((busy.postgres - idle.postgres) * 1_000) / images,
    };
    if (round > 0) rounds.push({ bare: barePerSecond, split: splitPerSecond, pipeline, cpu });
  }
  return rounds;
}

function summary(rounds: readonly Round[]) {
  const ratios = rounds.map(({ pipeline, bare }) => pipeline / bare);
  return {
    bench: "pipeline",
    ratio: rounded(median(ratios), 3),
    instancesPerSecond: rounded(median(rounds.map(({ pipeline }) => pipeline)), 1),
    barePerSecond: rounded(median(rounds.map(({ bare }) => bare)), 1),
    ratioToOneThreadSessions: rounded(median(rounds.map((r) => r.pipeline / r.split)), 3),
    bareOneThreadSessionsPerSecond: rounded(median(rounds.map(({ split }) => split)), 1),
    ratioSpread: [rounded(Math.min(...ratios), 3), rounded(Math.max(...ratios), 3)],
    cpuMsPerInstance: {
      bare: medianOf(rounds, ({ cpu }) => cpu.bare),
      bareOneThreadSessions: medianOf(rounds, ({ cpu }) => cpu.split),
      worker: medianOf(rounds, ({ cpu }) => cpu.worker),
      planDispatchRecord: medianOf(rounds, ({ cpu }) => cpu.control),
      postgres: medianOf(rounds, ({ cpu }) => cpu.postgres),
    },
    rounds: rounds.map(({ bare, split, pipeline }) => ({
      bare: rounded(bare, 1),
      bareOneThreadSessions: rounded(split, 1),
      pipeline: rounded(pipeline, 1),
    })),
    model: MODEL.split(sep).slice(-2).join(" "),
    provider: "cpu",
    studiesPerRound: STUDIES,
    slicesPerStudy: SLICES,
    bareBatch: BATCH,
    instance: "320×320, 16 bits allocated, uncompressed MR",
  };
}

function medianOf(rounds: readonly Round[], figure: (round: Round) => number): number {
  return rounded(median(rounds.map(figure)), 2);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
