import { AxialError, type ModelInput } from "@axial/contracts";
import { type NormalisationChoice, normalisationOf } from "../normalisation.ts";
import { GraphWriter } from "./graph-writer.ts";
import { normaliseLevels } from "./normalise-levels.ts";
import { DATA_TYPE, type OnnxModel, type OnnxValue } from "./onnx-graph.ts";

interface ByteInputOptions {
  /** What the network's floats are made of; needed unless it takes bytes. */
  readonly normalise: NormalisationChoice | undefined;
  /** Pixels along both sides, where the graph leaves them open. */
  readonly size: number | undefined;
}

interface ByteInput {
  readonly model: OnnxModel;
  readonly input: ModelInput;
}

const PREFIX = "axial-input";
const NAMES: Readonly<Record<number, string>> = { 9: "bool", 10: "float16", 11: "float64" };

/**
 * The model with an input of bytes and a free batch: an input of floats gets a cast and the
 * normalisation before it. Throws `invalid-model` for a model without exactly one image input, and
 * `invalid-request` when the float range is not given.
 */
export function onnxInput(model: OnnxModel, { normalise, size }: ByteInputOptions): ByteInput {
  const declared = onlyInput(model);
  const shape = imageShape(declared, size ?? null);
  const dims = ["batch", ...dimsOf(shape)];
  if (declared.dataType === DATA_TYPE.uint8) {
    refuseNormalisation(normalise);
    const input: ModelInput = { name: declared.name, dtype: "uint8", ...shape };
    return { model: { ...model, inputs: [{ ...declared, dims }] }, input };
  }
  if (declared.dataType !== DATA_TYPE.float32) {
    const type = NAMES[declared.dataType] ?? `of ONNX type ${declared.dataType}`;
    throw invalid(`input ${declared.name} is ${type}; uint8 and float32 can be fed`);
  }
  if (normalise === undefined) {
    throw new AxialError("invalid-request", {
      detail:
        "the network takes floats: say with --preprocess what bytes become (bytes, unit, signed, imagenet, or mean and deviation)",
    });
  }
  const writer = new GraphWriter(PREFIX);
  const name = `${PREFIX}/image`;
  const levels = writer.node("Cast", [name], { to: DATA_TYPE.float32 });
  const by = normalisationOf(normalise, shape.channels);
  writer.alias(normaliseLevels(writer, levels, { by, layout: shape.layout }), declared.name);
  return {
    model: {
      ...model,
      nodes: [...writer.nodes, ...model.nodes],
      initializers: [...model.initializers, ...writer.initializers],
      inputs: [{ name, dataType: DATA_TYPE.uint8, dims }],
    },
    input: { name, dtype: "uint8", ...shape },
  };
}

/** Before IR version 4 every stored tensor was listed as an input too. */
function onlyInput({ inputs, initializers }: OnnxModel): OnnxValue {
  const stored = new Set(initializers.map(({ name }) => name));
  const fed = inputs.filter(({ name }) => !stored.has(name));
  const [input] = fed;
  if (input !== undefined && fed.length === 1) return input;
  throw invalid(`the graph has ${fed.length} inputs; a classifier of images has one`);
}

type Shape = Pick<ModelInput, "layout" | "channels" | "height" | "width">;

function imageShape({ name, dims }: OnnxValue, size: number | null): Shape {
  if (dims.length === 5) {
    throw invalid(
      `input ${name} has shape [${dims.join(", ")}]: it takes volumes (3D); Axial feeds slices, [batch, channels, height, width]`,
    );
  }
  if (dims.length !== 4) {
    throw invalid(`input ${name} has shape [${dims.join(", ")}]; images have four axes`);
  }
  const layout = isChannels(dims[1]) ? "NCHW" : "NHWC";
  const [channels, rows, columns] =
    layout === "NCHW" ? [dims[1], dims[2], dims[3]] : [dims[3], dims[1], dims[2]];
  if (!isChannels(channels)) {
    throw invalid(`input ${name} has shape [${dims.join(", ")}]: no axis of 1 or 3 channels`);
  }
  const [height, width] = [known(rows) ?? size, known(columns) ?? size];
  if (height === null || width === null) {
    throw invalid(`input ${name} leaves its image size open: give it with --size`);
  }
  return { layout, channels, height, width };
}

function isChannels(size: number | string | undefined): size is 1 | 3 {
  return size === 1 || size === 3;
}

function known(size: number | string | undefined): number | null {
  return typeof size === "number" && size > 0 ? size : null;
}

function dimsOf({ layout, channels, height, width }: Shape): number[] {
  return layout === "NCHW" ? [channels, height, width] : [height, width, channels];
}

function refuseNormalisation(normalise: NormalisationChoice | undefined): void {
  if (normalise === undefined || normalise === "bytes") return;
  throw new AxialError("invalid-request", {
    detail: "the network takes bytes and normalises them itself: leave `normalise` out",
  });
}

function invalid(detail: string): AxialError {
  return new AxialError("invalid-model", { detail });
}
