import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listModelPackages, type Provider } from "@axial/inference";
import { phantomSeries } from "@axial/testkit";
import { usableCpus } from "@axial/worker";
import { bareRate, runningProvider } from "./gpu/bare-rate.ts";
import { decodeRate } from "./gpu/decode-rate.ts";
import { driverOf } from "./gpu/driver.ts";
import { engineRate } from "./gpu/engine-rate.ts";

const MODELS = fileURLToPath(new URL("../../models", import.meta.url));
/** The networks that hospitals have asked about; those whose packages are there are measured. */
const NETWORKS = ["brain-tumour-mobilenetv2", "brain-tumour-inceptionv3"];
const DEVICE_PROVIDERS: readonly Provider[] = ["tensorrt", "cuda", "webgpu"];
const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const SERIES = 8;
const SLICES = 16;

/**
 * Images per second on the machine's device, for each network and batch size: a bare ONNX Runtime
 * loop, and the whole engine from DICOM files in the page cache to probabilities. Beside them the
 * frames that the CPUs could decode, so that it shows which of the two is the bound. Needs nothing
 * but node_modules and the models. Without a device it says why, and gives the CPUs' limit.
 */
export async function runGpu(): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), "axial-bench-gpu-"));
  try {
    const files = await writeSeries(folder);
    const [first = ""] = await packagesOf(NETWORKS);
    const perCore = await decodeRate(first, files);
    const cores = usableCpus();
    const decode = { framesPerSecondPerCore: perCore, cores, framesPerSecond: perCore * cores };
    const { provider, reasons } = await deviceProvider(first);
    const about = { bench: "gpu", decode, driver: await driverOf() };
    if (provider === null) return { ...about, skipped: "no device works", reasons };
    const measured = [];
    for (const model of await packagesOf(NETWORKS)) {
      for (const batch of BATCHES) measured.push(await compare(model, { provider, batch, files }));
    }
    return { ...about, provider, measured };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function compare(
  model: string,
  { provider, batch, files }: { provider: Provider; batch: number; files: readonly string[] },
): Promise<object> {
  const bare = await bareRate(model, { provider, batch });
  const engine = await engineRate(model, { provider, batch, files });
  return {
    model: model.split("/").slice(-2).join(" "),
    batch,
    barePerSecond: Math.round(bare),
    enginePerSecond: Math.round(engine),
    ratio: Number((engine / bare).toFixed(3)),
  };
}

/** The first of the device providers that loads and runs the model; else why none does. */
async function deviceProvider(model: string) {
  const reasons: Record<string, string> = {};
  for (const provider of DEVICE_PROVIDERS) {
    try {
      return { provider: await runningProvider(model, provider), reasons };
    } catch (error) {
      reasons[provider] = error instanceof Error ? error.message : String(error);
    }
  }
  return { provider: null, reasons };
}

async function packagesOf(ids: readonly string[]): Promise<string[]> {
  const folders = await listModelPackages(MODELS);
  return ids.flatMap((id) => folders.filter((folder) => folder.split("/").at(-2) === id).slice(-1));
}

/** 320×320 16-bit slices as files, read once by whoever writes them: they lie in the page cache. */
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
