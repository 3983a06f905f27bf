import { join } from "node:path";
import { AxialError, type Label, type ModelInput } from "@axial/contracts";
import { encodeTfjsFile, type TfjsFile } from "@axial/inference";
import { type DeclaredNetwork, declareNetwork } from "@axial/inference/tfjs";
import { assertClassifies, chooseOutput, type OfferedOutput } from "./choose-output.ts";
import { convertNetwork, INPUT_NAME, OUTPUT_NAME } from "./convert-network.ts";
import type { Imported, ImportOptions } from "./import-options.ts";
import { installed, type Ready } from "./installed.ts";
import { UnconvertibleError } from "./network/network-builder.ts";
import { normalisationOf } from "./normalisation.ts";
import { batchLayerOf } from "./onnx/batch-layer.ts";
import { withClassMaps } from "./onnx/class-maps.ts";
import type { FinalActivation } from "./onnx/probability-output.ts";
import { OPSET, writeOnnx } from "./onnx/write-onnx.ts";
import { assertNotActivated } from "./package/already-activated.ts";
import { completePackage, type Draft, uncheckedPackage } from "./package/draft-package.ts";
import { assertFree } from "./package/install-package.ts";
import { assertLabelled, labelsOf } from "./package/labels.ts";
import { assertNameable, assertSupported, type PackageOptions } from "./package/manifest.ts";
import { activated, floatsChannelsLast } from "./package/original-network.ts";
import { compareNetworks } from "./package/parity.ts";
import { type Preprocess, preprocessingOf, TEACHABLE_MACHINE } from "./package/preprocess.ts";
import { openSource } from "./source/open-source.ts";
import { readMetadata, type TeachableMachine } from "./teachable-machine.ts";
import { type ImageInput, imageInput } from "./tfjs/image-input.ts";
import { Json } from "./tfjs/json.ts";
import { readNetwork } from "./tfjs/read-network.ts";

const ONNX_FILE = "weights.onnx";
const TFJS_FILE = "weights.tfjs.json";

/** A TensorFlow.js export as read, with its metadata. */
interface Source {
  readonly options: ImportOptions;
  readonly file: TfjsFile;
  readonly metadata: TeachableMachine | null;
  readonly declared: DeclaredNetwork;
  /** Position of the output with the probabilities, and what the network declares of it. */
  readonly output: OfferedOutput & { readonly position: number };
  readonly labels: readonly Label[];
  readonly preprocess: Preprocess & Required<Pick<Preprocess, "normalise">>;
}

/**
 * Installs a TensorFlow.js model as a package: converted to ONNX and compared with TensorFlow.js,
 * or, with a warning, as it is where something in it has no counterpart. Throws `invalid-model` or
 * `limit-exceeded` for a bad export and `invalid-request` for bad options, and installs nothing
 * then.
 */
export async function importTfjs(options: ImportOptions): Promise<Imported> {
  assertNameable(options);
  assertSupported(options);
  await assertFree(join(options.models, options.id, options.version), options.force);
  options.onStep?.("reading the export");
  const source = await readSource(options);
  options.onStep?.("converting to ONNX");
  const network = await convert(source);
  const ready = network instanceof UnconvertibleError ? await keep(source, network) : network;
  options.onStep?.("installing");
  return installed(ready, { ...options, origin: factsOf(source, ready.pkg.manifest.input).origin });
}

async function readSource(options: ImportOptions): Promise<Source> {
  const files = await openSource(options.source);
  const metadata = readMetadata(files);
  const names = options.labels ?? metadata?.labels;
  if (names === undefined) {
    throw new AxialError("invalid-request", {
      detail: "the export has no metadata.json: pass the labels with --labels",
    });
  }
  const labels = labelsOf(names);
  const preprocess = { ...(metadata && TEACHABLE_MACHINE), ...options.preprocess };
  const { normalise } = preprocess;
  if (normalise === undefined) {
    throw new AxialError("invalid-request", {
      detail: "--preprocess must say what bytes become: bytes, unit, signed or imagenet",
    });
  }
  const file = readNetwork(files);
  const declared = await declareNetwork(file);
  return {
    ...{ options, file, metadata, declared, labels },
    output: outputOf(file, declared, options.output),
    preprocess: { ...preprocess, normalise },
  };
}

/** The output that was asked for; of a graph model also by the key of its signature. */
function outputOf(file: TfjsFile, { outputMetadata }: DeclaredNetwork, wanted: string | undefined) {
  const offered = outputMetadata.map(({ name, shape }) => ({
    name: signatureKey(file, name) ?? name,
    shape: shape ?? null,
  }));
  const node = outputMetadata.findIndex(({ name }) => name === wanted);
  const position = chooseOutput(offered, node === -1 ? wanted : String(node));
  const { name = "", shape = null } = offered[position] ?? {};
  assertClassifies({ name, shape });
  return { position, name: outputMetadata[position]?.name ?? name, shape };
}

/** Under which key a graph model's signature has the output of a node. */
function signatureKey({ signature }: TfjsFile, node: string): string | undefined {
  if (signature === undefined || !("outputs" in signature)) return undefined;
  const outputs = new Json(signature.outputs, "signature.outputs");
  return Object.keys(signature.outputs as object).find(
    (key) => outputs.object(key).text("name").split(":")[0] === node,
  );
}

async function convert(source: Source): Promise<Ready | UnconvertibleError> {
  const { options, labels } = source;
  const network = converted(source, options.activation);
  if (network instanceof UnconvertibleError) return network;
  assertLabelled(labels, network.classes);
  const classes = { output: OUTPUT_NAME, classes: network.classes, opset: OPSET };
  const { model, explanation, unexplained } = withClassMaps(network.model, classes);
  const input = { name: INPUT_NAME, dtype: "uint8", layout: "NCHW", ...network.input } as const;
  const draft: Draft = {
    options: packageOptions(source),
    facts: { ...factsOf(source, input), runtime: "onnx", output: OUTPUT_NAME, explanation },
    file: ONNX_FILE,
    weights: writeOnnx(model),
    encode: (image) => image,
    batchLayer: batchLayerOf(model),
  };
  if (options.activation !== "none") {
    const raw = converted(source, "none");
    if (raw instanceof UnconvertibleError) return raw;
    const unactivated = { model: raw.model, name: OUTPUT_NAME };
    await assertNotActivated(options.activation, { draft, raw: unactivated });
  }
  const pkg = await completePackage(draft);
  options.onStep?.("comparing with TensorFlow.js");
  const by = normalisationOf(source.preprocess.normalise, network.input.channels);
  const pair = {
    converted: pkg,
    original: uncheckedPackage(originalDraft(source, network.input)),
    translate: (image: Uint8Array) =>
      floatsChannelsLast(image, { input: network.input, layout: "NCHW", by }),
    finish: (logits: Float32Array) => activated(logits, options.activation),
  };
  const parity = await compareNetworks(pair, options.images);
  return { pkg, parity, warning: null, unexplained };
}

function converted(
  { options, file, metadata, output, preprocess }: Source,
  activation: FinalActivation,
) {
  try {
    return convertNetwork(file, {
      size: options.size ?? metadata?.imageSize ?? null,
      normalise: (channels) => normalisationOf(preprocess.normalise, channels),
      activation,
      output: output.position,
    });
  } catch (error) {
    if (error instanceof UnconvertibleError) return error;
    throw error;
  }
}

/** The network as it is, on TensorFlow.js. */
async function keep(source: Source, reason: UnconvertibleError): Promise<Ready> {
  const { options, declared, labels, metadata, output } = source;
  if (output.shape !== null) assertLabelled(labels, Number(output.shape.at(-1)));
  if (declared.outputMetadata.filter(({ name }) => name === output.name).length > 1) {
    throw new AxialError("invalid-model", {
      detail: `an unconverted network with several outputs called ${output.name}: ${reason.message}`,
    });
  }
  if (options.activation !== "none") {
    throw new AxialError("invalid-request", {
      detail: `an activation cannot be added to an unconverted network: ${reason.message}`,
    });
  }
  const shape = declared.inputMetadata[0]?.shape?.slice(1).map(sizeOrNull) ?? null;
  const input = imageInput(shape, options.size ?? metadata?.imageSize ?? null);
  const by = normalisationOf(source.preprocess.normalise, input.channels);
  if (by.multiply.length > 1 || by.add.length > 1) {
    throw new AxialError("invalid-request", {
      detail: `an unconverted network takes one scale for all channels: ${reason.message}`,
    });
  }
  const pkg = await completePackage(originalDraft(source, input)).catch((cause: unknown) => {
    if (!(cause instanceof AxialError)) throw cause;
    const detail = `${cause.message}; it cannot be converted either: ${reason.message}`;
    throw new AxialError(cause.code, { detail, cause });
  });
  const warning = `kept for TensorFlow.js, which is many times slower than ONNX Runtime, because this cannot be converted: ${reason.message}`;
  const unexplained = `maps are made in ONNX, and this cannot be converted: ${reason.message}`;
  return { pkg, parity: null, warning, unexplained };
}

function sizeOrNull(size: number | string): number | null {
  return typeof size === "number" && size > 0 ? size : null;
}

/** A package of the network for TensorFlow.js: floats, channels last. */
function originalDraft(source: Source, image: ImageInput): Draft {
  const { file, declared, preprocess } = source;
  const by = normalisationOf(preprocess.normalise, image.channels);
  const [multiply = 1, ...more] = by.multiply;
  const scale = more.length === 0 ? { scale: { multiply, add: by.add[0] ?? 0 } } : {};
  const input: ModelInput = {
    name: declared.inputMetadata[0]?.name ?? "",
    dtype: "float32",
    layout: "NHWC",
    ...image,
    ...scale,
  };
  return {
    options: packageOptions(source),
    facts: {
      ...factsOf(source, input),
      runtime: "tfjs",
      output: source.output.name,
      explanation: null,
    },
    file: TFJS_FILE,
    weights: encodeTfjsFile(file),
    encode: (levels) => floatsChannelsLast(levels, { input: image, layout: "NHWC", by }),
  };
}

function packageOptions({ options, metadata }: Source): PackageOptions {
  const title = options.title ?? metadata?.name;
  return title ? { ...options, title } : options;
}

function factsOf({ labels, preprocess, metadata }: Source, input: ModelInput) {
  return {
    input,
    labels,
    preprocessing: preprocessingOf(preprocess, input.channels),
    origin: metadata?.origin ?? "A TensorFlow.js model, trained elsewhere.",
  };
}
