import { basename, dirname } from "node:path";
import {
  AxialError,
  asAxialError,
  type Failure,
  type ModelPackage,
  mostSlices,
} from "@axial/contracts";
import { preprocessingHash, readManifest, sampleBytes } from "@axial/inference";
import type { EngineSettings } from "../protocol.ts";
import { slotsFor } from "./slots.ts";

/** A model as the engine's threads share it: its index, its manifest, its slots. */
export interface InstalledModel {
  readonly index: number;
  readonly folder: string;
  readonly manifest: ModelPackage;
  readonly preprocessingHash: string;
  readonly sampleBytes: number;
  readonly batchImages: number;
  /** Share of the device among models that have work. */
  readonly weight: number;
  /** A batch that is not full waits this long for more. */
  readonly delayMs: number;
  /** Prepared samples one after another; shared by decode and device threads. */
  readonly arena: SharedArrayBuffer;
  readonly slots: number;
}

type ArenaLimits = Pick<EngineSettings, "batchImages" | "batchBytes" | "arenaBytes" | "models">;

interface InstalledModels {
  readonly models: readonly InstalledModel[];
  readonly failures: readonly Failure[];
}

/** More slots than this many batches only lets decoding run further ahead than it helps. */
const BATCHES_AHEAD = 4;

/** The packages in `folders`; unreadable ones are listed as failures. */
export async function installedModels(
  folders: readonly string[],
  limits: ArenaLimits,
): Promise<InstalledModels> {
  const models: InstalledModel[] = [];
  const failures: Failure[] = [];
  for (const folder of folders) {
    try {
      const manifest = await readManifest(folder);
      refuseTwin(models, manifest);
      models.push(install(models.length, { folder, manifest }, limits));
    } catch (error) {
      failures.push(packageFailure(folder, error));
    }
  }
  if (folders.length === 0) {
    failures.push({ code: "model-not-found", detail: "no model package is installed" });
  }
  return { models, failures };
}

/** The failure of the package in `folder`, with id and version from the folder names. */
export function packageFailure(folder: string, error: unknown): Failure {
  const { code, detail } = asAxialError(error, "invalid-model").toJSON();
  if (code !== "invalid-model" || detail === undefined) return { code, ...(detail && { detail }) };
  return { code, detail: `${basename(dirname(folder))} ${basename(folder)}: ${detail}` };
}

function refuseTwin(models: readonly InstalledModel[], { id, version }: ModelPackage): void {
  const twin = models.find(({ manifest }) => manifest.id === id && manifest.version === version);
  if (twin === undefined) return;
  throw new AxialError("invalid-model", { detail: `${id} ${version} is installed twice` });
}

function install(
  index: number,
  { folder, manifest }: Pick<InstalledModel, "folder" | "manifest">,
  limits: ArenaLimits,
): InstalledModel {
  const bytes = sampleBytes(manifest);
  const byBytes = Math.max(1, Math.floor(limits.batchBytes / bytes));
  const tuning = limits.models[manifest.id] ?? {};
  const batchImages = Math.min(tuning.batchImages ?? limits.batchImages, byBytes);
  const fitting = Math.floor(limits.arenaBytes / bytes);
  const wanted = Math.min(fitting, BATCHES_AHEAD * batchImages);
  const slots = Math.max(wanted, batchImages + 1, slotsFor(wholeSeriesImages(manifest)));
  return {
    index,
    folder,
    manifest,
    preprocessingHash: preprocessingHash(manifest),
    sampleBytes: bytes,
    batchImages,
    weight: tuning.weight ?? 1,
    delayMs: tuning.delayMs ?? 0,
    arena: new SharedArrayBuffer(slots * bytes),
    slots,
  };
}

/** Images of a model that sees a series as a whole, so needs all its slices at once; else 0. */
function wholeSeriesImages({ aggregation, slices }: ModelPackage): number {
  return aggregation.kind === "in-graph" ? mostSlices(slices) : 0;
}

/** The installed model that a task's input asks for: same version, same bytes. */
export function findModel(
  models: readonly InstalledModel[],
  wanted: { id: string; version: string; sha256: string },
): InstalledModel {
  const found = models.find(
    ({ manifest }) => manifest.id === wanted.id && manifest.version === wanted.version,
  );
  if (found === undefined) {
    throw new AxialError("model-not-found", { detail: `${wanted.id} ${wanted.version}` });
  }
  if (found.manifest.weights.sha256 !== wanted.sha256) {
    throw new AxialError("model-not-found", {
      detail: `${wanted.id} ${wanted.version} has other weights on this worker`,
    });
  }
  return found;
}
