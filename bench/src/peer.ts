import { rm, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { committedPackage, phantomSeries } from "@axial/testkit";
import { engineEnvironment, usableCpus } from "@axial/worker";
import { benchFolder } from "./bench-folder.ts";
import { median, quantile, rounded } from "./figures.ts";
import { type AxialPeer, startAxial } from "./peer/axial-stack.ts";
import { type RayServe, rayPython, startRayServe } from "./peer/ray-serve.ts";
import { type BareLoopProcess, startBareLoop } from "./pipeline/bare-loop.ts";

const MODEL = committedPackage("brain-tumour-mobilenetv2");
const SLICES = 16;
const BATCH = 16;
/** Studies that each side works on at the same time. */
const CLIENTS = 4;
const STUDIES = 16;
const ROUNDS = 5;
/** The share of Ray Serve's throughput at which the latency of both is measured. */
const LOAD = 0.6;
const LATENCY_STUDIES = 60;
/** Images of a bare loop's batch: the size that is fastest on the CPU (docs/PERFORMANCE.md). */
const BARE_BATCH = 4;

/** One side of the comparison: classifies a study of 16 slices. */
type Classify = () => Promise<void>;

/**
 * The same 320×320 16-bit MR files and the same ONNX file through Axial (files in the blob store
 * → committed rows) and through Ray Serve with @serve.batch and pydicom (files by name → JSON; it
 * stores nothing), on the same cores in turns: throughput, and latency of a study while studies
 * come at one rate to both. Beside them the bare ONNX Runtime loop, with nothing around it: its
 * rate is what no server of this file on these cores can exceed, so `bareRatio` is the bound of
 * `ratio`.
 */
export async function runPeer(): Promise<object> {
  const python = rayPython();
  if (python === null) {
    const how = "python3 -m venv bench/peers/ray/.venv and install requirements.txt into it";
    return { bench: "peer", skipped: `Ray Serve is not installed: ${how}` };
  }
  const folder = await benchFolder("peer");
  const files = await writeSeries(folder);
  const axial = await startAxial({ folder, model: MODEL, slices: SLICES });
  try {
    const setup = { model: MODEL, replicas: usableCpus(), batch: BATCH };
    const ray = await startRayServe(python, setup);
    const loop = { folder: MODEL, sessions: usableCpus(), threads: 1, batch: BARE_BATCH };
    const bare = await startBareLoop(loop, engineEnvironment({ tensorrtCache: null, blobUrl: "" }));
    try {
      return await compare({ axial, ray, bare }, files);
    } finally {
      bare.stop();
      await ray.stop();
    }
  } finally {
    await axial.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Sides {
  readonly axial: AxialPeer;
  readonly ray: RayServe;
  readonly bare: BareLoopProcess;
}

/** Images per second, and milliseconds of processor time of an image. */
interface Measured {
  readonly perSecond: number;
  readonly cpuMs: number;
}

type Round = Readonly<Record<keyof Sides, Measured>>;

async function compare({ axial, ray, bare }: Sides, files: readonly string[]): Promise<object> {
  const rounds: Round[] = [];
  // The first round is a warm-up and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    await axial.receive(STUDIES);
    const pair = {
      axial: await measured(axial, () => throughput(() => axial.classify())),
      ray: await measured(ray, () => throughput(() => ray.classify(files))),
      bare: await measured(bare, () => bare.measure(STUDIES * SLICES)),
    };
    if (round > 0) rounds.push(pair);
  }
  const rayPerSecond = median(rounds.map((round) => round.ray.perSecond));
  const everyMs = (SLICES * 1_000) / (LOAD * rayPerSecond);
  await axial.receive(LATENCY_STUDIES);
  const axialMs = await latencies(() => axial.classify(), everyMs);
  const rayMs = await latencies(() => ray.classify(files), everyMs);
  return {
    bench: "peer",
    peer: "Ray Serve 2.58.0, @serve.batch, pydicom",
    ...throughputs(rounds),
    p99Ms: rounded(quantile(axialMs, 0.99), 1),
    peerP99Ms: rounded(quantile(rayMs, 0.99), 1),
    p50Ms: rounded(median(axialMs), 1),
    peerP50Ms: rounded(median(rayMs), 1),
    offeredStudiesPerSecond: rounded(1_000 / everyMs, 2),
    model: MODEL.split(sep).slice(-2).join(" "),
    study: `${SLICES} slices of 320×320, 16 bits allocated`,
    clients: CLIENTS,
    threads: usableCpus(),
  };
}

function throughputs(rounds: readonly Round[]) {
  const rate = (side: keyof Sides) => median(rounds.map((round) => round[side].perSecond));
  const cpu = (side: keyof Sides) => rounded(median(rounds.map((round) => round[side].cpuMs)), 2);
  const toRay = (side: keyof Sides) =>
    rounded(median(rounds.map((round) => round[side].perSecond / round.ray.perSecond)), 2);
  return {
    ratio: toRay("axial"),
    bareRatio: toRay("bare"),
    imagesPerSecond: rounded(rate("axial"), 1),
    peerImagesPerSecond: rounded(rate("ray"), 1),
    barePerSecond: rounded(rate("bare"), 1),
    cpuMsPerImage: { axial: cpu("axial"), peer: cpu("ray"), bare: cpu("bare") },
    rounds: rounds.map(({ axial, ray, bare }) => ({
      axial: rounded(axial.perSecond, 1),
      ray: rounded(ray.perSecond, 1),
      bare: rounded(bare.perSecond, 1),
    })),
  };
}

/** The rate of a side, and the processor time that it used for each of the images. */
async function measured(
  side: { cpu(): Promise<number> },
  imagesPerSecond: () => Promise<number>,
): Promise<Measured> {
  const before = await side.cpu();
  const perSecond = await imagesPerSecond();
  const cpuMs = (((await side.cpu()) - before) * 1_000) / (STUDIES * SLICES);
  return { perSecond, cpuMs };
}

/** Images per second while each client has one study under way. */
async function throughput(classify: Classify): Promise<number> {
  let next = 0;
  const client = async () => {
    while (next++ < STUDIES) await classify();
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return (STUDIES * SLICES * 1_000) / (performance.now() - started);
}

/** Milliseconds of each study when one comes every `everyMs`, whether the last is done or not. */
async function latencies(classify: Classify, everyMs: number): Promise<number[]> {
  const started = performance.now();
  const studies = Array.from({ length: LATENCY_STUDIES }, async (_, index) => {
    const due = started + index * everyMs;
    await delay(Math.max(0, due - performance.now()));
    await classify();
    return performance.now() - due;
  });
  return Promise.all(studies);
}

async function writeSeries(folder: string): Promise<string[]> {
  const { files } = phantomSeries({ kind: "brain", seed: 1, slices: SLICES, size: 320 });
  const paths = files.map((_, index) => join(folder, `${index}.dcm`));
  await Promise.all(paths.map((path, index) => writeFile(path, files[index] ?? "")));
  return paths;
}
