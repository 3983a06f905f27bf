import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { isProvider, listModelPackages, type Provider } from "@axial/inference";
import { phantomSeries } from "@axial/testkit";
import { usableCpus } from "@axial/worker";
import { type BenchOptions, median, rounded } from "./figures.ts";
import { openLoop, runningProvider } from "./gpu/bare-rate.ts";
import { decodeRate } from "./gpu/decode-rate.ts";
import { openEngine } from "./gpu/engine-rate.ts";
import type { Load } from "./gpu/load.ts";

const MODELS = fileURLToPath(new URL("../../models", import.meta.url));
const DEVICE_PROVIDERS = "tensorrt,cuda,webgpu";
const SERIES = 8;
const SLICES = 16;
const DRIVER_QUERY = ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"];

/** The networks that hospitals have asked about; those that are installed are measured. */
const FULL = {
  networks: ["brain-tumour-mobilenetv2", "brain-tumour-inceptionv3"],
  batches: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  images: 4_096,
  rounds: 5,
};
const QUICK = { networks: FULL.networks.slice(0, 1), batches: [1, 4], images: 16, rounds: 1 };

/**
 * Images per second on the machine's device, for each network and batch size: a bare ONNX Runtime
 * loop and the whole engine from DICOM files in the page cache to probabilities, in turns. Beside
 * them the frames that the CPUs could decode, so that it shows which of the two is the bound. Needs
 * nothing but node_modules and the models. Without a device it prints the reason and the CPUs'
 * limit; `--providers cpu` runs the same code on the CPU.
 */
export async function runGpu({ quick, providers }: BenchOptions): Promise<object> {
  const size = quick ? QUICK : FULL;
  const folder = await mkdtemp(join(tmpdir(), "axial-bench-gpu-"));
  try {
    const files = await writeSeries(folder);
    const models = await packagesOf(size.networks);
    const [first = ""] = models;
    const perCore = await decodeRate(first, files);
    const cores = usableCpus();
    const decode = { framesPerSecondPerCore: perCore, cores, framesPerSecond: perCore * cores };
    const { provider, reasons } = await workingProvider(first, providers ?? DEVICE_PROVIDERS);
    const about = { bench: "gpu", decode, driver: await driverOf() };
    if (provider === null) return { ...about, skipped: "no device works", reasons };
    const measured = [];
    for (const model of models) {
      for (const batch of size.batches) {
        const load = { batch, files, images: size.images };
        measured.push(await compare(model, load, { provider, rounds: size.rounds }));
      }
    }
    return { ...about, provider, reasons, measured };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function compare(
  model: string,
  load: Load,
  { provider, rounds }: { provider: Provider; rounds: number },
): Promise<object> {
  const bare = await openLoop(model, load.batch, provider);
  const engine = await openEngine(model, load, provider);
  const pairs: { bare: number; engine: number }[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      pairs.push({ bare: await bare.rate(), engine: await engine.rate() });
    }
  } finally {
    await Promise.all([bare.close(), engine.close()]);
  }
  return {
    model: model.split("/").slice(-2).join(" "),
    batch: load.batch,
    barePerSecond: rounded(median(pairs.map((pair) => pair.bare)), 1),
    enginePerSecond: rounded(median(pairs.map((pair) => pair.engine)), 1),
    ratio: rounded(median(pairs.map((pair) => pair.engine / pair.bare)), 3),
  };
}

/** The first of the providers that loads and runs the model; and why those before it do not. */
async function workingProvider(model: string, names: string) {
  const reasons: Record<string, string> = {};
  for (const name of names.split(",").map((one) => one.trim())) {
    try {
      if (!isProvider(name)) throw new RangeError("there is no such provider");
      return { provider: await runningProvider(model, name), reasons };
    } catch (error) {
      reasons[name] = error instanceof Error ? error.message : String(error);
    }
  }
  return { provider: null, reasons };
}

async function packagesOf(ids: readonly string[]): Promise<string[]> {
  const folders = await listModelPackages(MODELS);
  return ids.flatMap((id) => folders.filter((folder) => folder.split("/").at(-2) === id).slice(-1));
}

/** 320×320 16-bit slices as files, just written, so they are in the page cache. */
async function writeSeries(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for (let seed = 1; seed <= SERIES; seed++) {
    const { files } = phantomSeries({ kind: "brain", seed, slices: SLICES, size: 320 });
    for (const [index, bytes] of files.entries()) {
      const path = join(folder, `${seed}-${index}.dcm`);
      await writeFile(path, bytes);
      paths.push(path);
    }
  }
  return paths;
}

/** Name, driver and memory of the first NVIDIA device; null where no such driver is installed. */
async function driverOf(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)("nvidia-smi", DRIVER_QUERY);
    return stdout.split("\n")[0]?.trim() ?? null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
