import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TINY_MODEL_ID, TINY_MODELS } from "./tiny-model.ts";

/** JSON of a package file while a test edits it. */
// biome-ignore lint/suspicious/noExplicitAny: tests write what the schema forbids
type LooseJson = any;

export interface ModelEdits {
  /** `tfjs` has the same network run by TensorFlow.js. */
  readonly runtime?: "onnx" | "tfjs";
  manifest?(manifest: LooseJson): void;
  golden?(golden: LooseJson): void;
  /** New weights; model.json gets their size and checksum. */
  weights?(bytes: Uint8Array): Uint8Array;
}

export interface ModelCopy {
  /** A models folder that holds the copy alone. */
  readonly root: string;
  readonly folder: string;
  remove(): Promise<void>;
}

/** The tiny model's network for TensorFlow.js lies beside its ONNX file. */
const TFJS_TWIN = "weights.tfjs.json";

/** A copy of the tiny model in a temporary folder, changed as the test wants it. */
export async function copyTinyModel(edits: ModelEdits = {}): Promise<ModelCopy> {
  const root = await mkdtemp(join(tmpdir(), "axial-test-models-"));
  const folder = join(root, TINY_MODEL_ID, "1.0.0");
  await cp(join(TINY_MODELS, TINY_MODEL_ID, "1.0.0"), folder, { recursive: true });
  await editJson(join(folder, "model.json"), async (manifest) => {
    if (edits.runtime === "tfjs") {
      manifest.runtime = "tfjs";
      manifest.weights.file = TFJS_TWIN;
    }
    if (edits.runtime !== undefined || edits.weights !== undefined) {
      const file = join(folder, manifest.weights.file);
      const stored = await readFile(file);
      const bytes = edits.weights?.(stored) ?? stored;
      await writeFile(file, bytes);
      manifest.weights.bytes = bytes.length;
      manifest.weights.sha256 = createHash("sha256").update(bytes).digest("hex");
    }
    edits.manifest?.(manifest);
  });
  await editJson(join(folder, "golden.json"), async (golden) => edits.golden?.(golden));
  return { root, folder, remove: () => rm(root, { recursive: true, force: true }) };
}

async function editJson(file: string, edit: (json: LooseJson) => Promise<void>): Promise<void> {
  const json: LooseJson = JSON.parse(await readFile(file, "utf8"));
  await edit(json);
  await writeFile(file, JSON.stringify(json));
}
