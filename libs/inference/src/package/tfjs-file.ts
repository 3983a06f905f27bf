import { AxialError, parseAs } from "@axial/contracts";
import { type Static, Type } from "typebox";

const DTYPES = ["float32", "int32", "bool", "string", "complex64"] as const;
const QuantizationSchema = Type.Object({
  dtype: Type.Enum(["uint8", "uint16", "float16"]),
  scale: Type.Optional(Type.Number()),
  min: Type.Optional(Type.Number()),
});

/** One weight of a TensorFlow.js weights manifest; `quantization` says how its bytes are stored. */
export const TfjsWeightSchema = Type.Object({
  name: Type.String({ minLength: 1 }),
  shape: Type.Array(Type.Integer({ minimum: 0 })),
  dtype: Type.Enum([...DTYPES]),
  quantization: Type.Optional(QuantizationSchema),
});
export type TfjsWeight = Static<typeof TfjsWeightSchema>;

/**
 * A TensorFlow.js network as one file, so that one checksum covers it: its `model.json` with the
 * bytes of its weights files, one after another, in base64.
 */
const TfjsFileSchema = Type.Object({
  format: Type.Enum(["layers-model", "graph-model"]),
  modelTopology: Type.Object({}),
  signature: Type.Optional(Type.Object({})),
  weightSpecs: Type.Array(TfjsWeightSchema),
  weightData: Type.String(),
});

export interface TfjsFile extends Omit<Static<typeof TfjsFileSchema>, "weightData"> {
  readonly weightData: Uint8Array<ArrayBuffer>;
}

/** V8 cannot hold a longer string. */
const MAX_TFJS_FILE_BYTES = 500_000_000;

/** The bytes of the file. Throws `limit-exceeded` for networks too large for a string. */
export function encodeTfjsFile(file: TfjsFile): Uint8Array {
  if (file.weightData.length * (4 / 3) > MAX_TFJS_FILE_BYTES) {
    throw new AxialError("limit-exceeded", {
      detail: `a TensorFlow.js package takes ${MAX_TFJS_FILE_BYTES} bytes at most`,
    });
  }
  const weightData = Buffer.from(file.weightData.buffer).toString("base64");
  return Buffer.from(JSON.stringify({ ...file, weightData }));
}

/**
 * Reads the file back, accounting for every byte of the weights. Throws `invalid-model` when
 * damaged.
 */
export function decodeTfjsFile(bytes: Uint8Array): TfjsFile {
  const file = parseAs(TfjsFileSchema, parseJson(bytes), "invalid-model");
  const weightData = new Uint8Array(Buffer.from(file.weightData, "base64"));
  checkTfjsWeights(file.weightSpecs, weightData.length);
  return { ...file, weightData };
}

/** Throws `invalid-model` unless the weights named take exactly `bytes` bytes. */
export function checkTfjsWeights(specs: readonly TfjsWeight[], bytes: number): void {
  const wanted = specs.reduce((sum, spec) => sum + storedBytes(spec), 0);
  if (wanted !== bytes) {
    throw invalid(`the weights take ${bytes} bytes, the network's manifest says ${wanted}`);
  }
}

const BYTES = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 } as const;

/** Bytes that a weight takes in the file. */
export function storedBytes({ name, shape, dtype, quantization }: TfjsWeight): number {
  const stored = quantization?.dtype ?? dtype;
  if (stored === "string" || stored === "complex64") {
    throw invalid(`weight ${name} is of type ${stored}, which no classifier has`);
  }
  return shape.reduce((product, size) => product * size, 1) * BYTES[stored];
}

function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_TFJS_FILE_BYTES) throw invalid("the TensorFlow.js file is too large");
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw invalid("the weights are not a TensorFlow.js file", cause);
  }
}

function invalid(detail: string, cause?: unknown): AxialError {
  return new AxialError("invalid-model", { detail, cause });
}
