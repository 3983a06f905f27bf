import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { phantomSeries } from "@axial/testkit";
import { usableCpus } from "@axial/worker";
import { median, quantile, rounded } from "./figures.ts";
import { type AxialPeer, startAxial } from "./peer/axial-stack.ts";
import { type RayServe, rayPython, startRayServe } from "./peer/ray-serve.ts";

const MODEL = fileURLToPath(
  new URL("../../models/brain-tumour-mobilenetv2/1.0.0", import.meta.url),
);
const SLICES = 16;
const BATCH = 16;
/** Studies that each side has at the same time. */
const CLIENTS = 4;
const STUDIES = 16;
const ROUNDS = 5;
/** Share of Ray Serve's throughput at which both are asked for their latency. */
const LOAD = 0.6;
const LATENCY_STUDIES = 60;

/** One side of the comparison: classifies a study of 16 slices. */
type Classify = () => Promise<void>;

/**
 * The same 320×320 16-bit MR files and the same ONNX file through Axial (files in the blob store
 * → committed rows) and through Ray Serve with @serve.batch and pydicom (files by name → JSON; it
 * stores nothing), on the same cores in turns: throughput, and latency of a study while studies
 * come at one rate to both.
 */
export async function runPeer(): Promise<object> {
  const python = rayPython();
  if (python === null) {
    const how = "python3 -m venv bench/peers/ray/.venv and install requirements.txt into it";
    return { bench: "peer", skipped: `Ray Serve is not installed: ${how}` };
  }
  const folder = await mkdtemp(join(tmpdir(), "axial-bench-peer-"));
  const files = await writeSeries(folder);
  const axial = await startAxial({ folder, model: MODEL, slices: SLICES });
  try {
    const setup = { model: MODEL, replicas: usableCpus(), batch: BATCH };
    const ray = await startRayServe(python, setup);
    try {
      return await compare(axial, ray, files);
    } finally {
      await ray.stop();
    }
  } finally {
    await axial.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function compare(axial: AxialPeer, ray: RayServe, files: readonly string[]): Promise<object> {
  const rounds: { axial: number; ray: number }[] = [];
  // The first round warms both up and counts for nothing.
  for (let round = 0; round <= ROUNDS; round++) {
    await axial.receive(STUDIES);
    const pair = {
      axial: await throughput(() => axial.classify()),
      ray: await throughput(() => ray.classify(files)),
    };
    if (round > 0) rounds.push(pair);
  }
  const rayPerSecond = median(rounds.map((round) => round.ray));
  const everyMs = (SLICES * 1_000) / (LOAD * rayPerSecond);
  await axial.receive(LATENCY_STUDIES);
  const axialMs = await latencies(() => axial.classify(), everyMs);
  const rayMs = await latencies(() => ray.classify(files), everyMs);
  return {
    bench: "peer",
    peer: "Ray Serve 2.58.0, @serve.batch, pydicom",
    ratio: rounded(median(rounds.map((round) => round.axial / round.ray)), 2),
    p99Ms: rounded(quantile(axialMs, 0.99), 1),
    peerP99Ms: rounded(quantile(rayMs, 0.99), 1),
    imagesPerSecond: rounded(median(rounds.map((round) => round.axial)), 1),
    peerImagesPerSecond: rounded(rayPerSecond, 1),
    p50Ms: rounded(median(axialMs), 1),
    peerP50Ms: rounded(median(rayMs), 1),
    offeredStudiesPerSecond: rounded(1_000 / everyMs, 2),
    rounds: rounds.map((one) => ({ axial: rounded(one.axial, 1), ray: rounded(one.ray, 1) })),
    model: "brain-tumour-mobilenetv2 1.0.0",
    study: `${SLICES} slices of 320×320, 16 bits allocated`,
    clients: CLIENTS,
    threads: usableCpus(),
  };
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
