import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { AxialError, type ModelInput } from "@axial/contracts";
import { inspectOnnx } from "@axial/inference";
import type { Imported, ImportOptions } from "./import-options.ts";
import { installed } from "./installed.ts";
import { batchLayerOf } from "./onnx/batch-layer.ts";
import { onnxInput } from "./onnx/byte-input.ts";
import { withClassMaps } from "./onnx/class-maps.ts";
import { onnxOutput } from "./onnx/probability-output.ts";
import { readOnnx } from "./onnx/read-onnx.ts";
import { writeOnnx } from "./onnx/write-onnx.ts";
import { assertNotActivated } from "./package/already-activated.ts";
import { completePackage, type Draft } from "./package/draft-package.ts";
import { assertFree } from "./package/install-package.ts";
import { assertLabelled, labelsOf } from "./package/labels.ts";
import { assertNameable, assertSupported } from "./package/manifest.ts";
import { preprocessingOf } from "./package/preprocess.ts";

const FILE = "weights.onnx";
/** As for packages: larger ones are not loaded. */
const MAX_BYTES = 2_000_000_000;
const ORIGIN = "An ONNX model, trained elsewhere.";

/**
 * Installs an ONNX classifier as a package: its input becomes bytes (cast and normalised in the
 * graph), its batch free, its output probabilities. Throws `invalid-model` for a bad file and
 * `invalid-request` for bad options, and installs nothing then.
 */
export async function importOnnx(options: ImportOptions): Promise<Imported> {
  assertNameable(options);
  assertSupported(options);
  await assertFree(join(options.models, options.id, options.version), options.force);
  if (options.labels === undefined) {
    throw new AxialError("invalid-request", { detail: "pass the labels with --labels" });
  }
  options.onStep?.("reading the model");
  const bytes = await readModel(options.source);
  const { opset } = inspectOnnx(bytes);
  const wrapped = onnxInput(readOnnx(bytes), {
    normalise: options.preprocess?.normalise,
    size: options.size,
  });
  const output = onnxOutput(wrapped.model, {
    output: options.output,
    activation: options.activation,
  });
  const labels = labelsOf(options.labels);
  if (output.classes !== null) assertLabelled(labels, output.classes);
  const { model, explanation, unexplained } = withClassMaps(output.model, {
    output: output.name,
    classes: labels.length,
    opset,
  });
  options.onStep?.("running it");
  const input: ModelInput = wrapped.input;
  const draft: Draft = {
    options,
    facts: {
      runtime: "onnx",
      input,
      labels,
      output: output.name,
      preprocessing: preprocessingOf(options.preprocess ?? {}, input.channels),
      explanation,
      origin: ORIGIN,
    },
    file: FILE,
    weights: writeOnnx(model),
    encode: (image) => image,
    batchLayer: batchLayerOf(model),
  };
  if (output.raw !== null) await assertNotActivated(options.activation, { draft, raw: output.raw });
  const pkg = await completePackage(draft);
  options.onStep?.("installing");
  return installed(
    { pkg, parity: null, warning: null, unexplained },
    { ...options, origin: ORIGIN },
  );
}

async function readModel(path: string): Promise<Uint8Array> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) {
    throw new AxialError("invalid-request", { detail: `${path} is not a file` });
  }
  if (found.size > MAX_BYTES) {
    throw new AxialError("limit-exceeded", {
      detail: `${path} has ${found.size} bytes; the limit is ${MAX_BYTES}`,
    });
  }
  return readFile(path);
}
