import { createHash } from "node:crypto";
import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  AxialError,
  type Golden,
  GoldenSchema,
  type ModelPackage,
  ModelPackageSchema,
  parseAs,
} from "@axial/contracts";
import { checkManifest } from "./check-manifest.ts";
import { readGoldenCases } from "./golden-cases.ts";
import { inspectOnnx } from "./onnx-file.ts";
import { decodeTfjsFile } from "./tfjs-file.ts";

/** Manifests are a few kilobytes; golden files hold a few deflated images. */
const MAX_JSON_BYTES = 16 << 20;
/** The largest classifier in use (VGG16 in float32) is 550 MB. */
const MAX_WEIGHTS_BYTES = 2_000_000_000;

/** A package whose manifest, golden file and weights agree with each other and with the schema. */
export interface LoadedPackage {
  readonly folder: string;
  readonly manifest: ModelPackage;
  readonly golden: Golden;
  readonly weights: Uint8Array;
}

/**
 * Reads and checks `models/<id>/<version>/`: schema, consistency, checksum, golden file, no
 * external data. Throws `invalid-model` that names the file and what is wrong with it.
 */
export async function loadModelPackage(folder: string): Promise<LoadedPackage> {
  const manifest = await readManifest(folder);
  const golden = await readGolden(folder, manifest);
  const weights = await readWeights(folder, manifest);
  return { folder, manifest, golden, weights };
}

/** `model.json` alone, checked against the schema and itself: cheap, for listings. */
export async function readManifest(folder: string): Promise<ModelPackage> {
  const manifest = parseAs(
    ModelPackageSchema,
    await readJson(folder, "model.json"),
    "invalid-model",
  );
  checkManifest(manifest);
  return manifest;
}

async function readGolden(folder: string, manifest: ModelPackage): Promise<Golden> {
  const golden = parseAs(GoldenSchema, await readJson(folder, "golden.json"), "invalid-model");
  readGoldenCases(golden, manifest);
  return golden;
}

async function readWeights(folder: string, manifest: ModelPackage): Promise<Uint8Array> {
  const { file, bytes, sha256 } = manifest.weights;
  const weights = await readOwnFile(folder, file, MAX_WEIGHTS_BYTES);
  if (weights.length !== bytes) {
    throw invalid(`${file} has ${weights.length} bytes, model.json says ${bytes}`);
  }
  if (createHash("sha256").update(weights).digest("hex") !== sha256) {
    throw invalid(`${file} does not match the SHA-256 in model.json`);
  }
  if (manifest.runtime === "onnx") inspectOnnx(weights);
  else decodeTfjsFile(weights);
  return weights;
}

async function readJson(folder: string, file: string): Promise<unknown> {
  const bytes = await readOwnFile(folder, file, MAX_JSON_BYTES);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw invalid(`${file} is not JSON`, cause);
  }
}

/** A plain file of the folder itself: a link could lead anywhere, so it is refused. */
async function readOwnFile(folder: string, file: string, limit: number): Promise<Uint8Array> {
  const path = join(folder, file);
  const found = await lstat(path).catch(() => null);
  if (found === null) throw invalid(`${file} is missing`);
  if (!found.isFile()) throw invalid(`${file} is not a plain file`);
  if (found.size > limit) throw invalid(`${file} has ${found.size} bytes; the limit is ${limit}`);
  return readFile(path);
}

function invalid(detail: string, cause?: unknown): AxialError {
  return new AxialError("invalid-model", { detail, cause });
}
