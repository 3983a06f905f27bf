import { AxialError } from "@axial/contracts";
import { storedBytes, type TfjsWeight } from "@axial/inference";
import type { Weight } from "../network/convolution.ts";
import { halfFloats } from "./half-floats.ts";

/**
 * The weights by name, in float32, out of their bytes one after another: float32, int32 and bool as
 * they are, 8- and 16-bit integers through their scale and least value, half floats widened.
 */
export function decodeWeights(
  specs: readonly TfjsWeight[],
  data: Uint8Array,
): ReadonlyMap<string, Weight> {
  const weights = new Map<string, Weight>();
  let at = 0;
  for (const spec of specs) {
    const bytes = new Uint8Array(data.subarray(at, at + storedBytes(spec)));
    at += bytes.length;
    const values = valuesOf(spec, bytes);
    if (values.includes(Number.NaN)) {
      throw new AxialError("invalid-model", { detail: `weight ${spec.name} is not all numbers` });
    }
    weights.set(spec.name, { shape: spec.shape, values });
  }
  return weights;
}

function valuesOf({ dtype, quantization }: TfjsWeight, bytes: Uint8Array<ArrayBuffer>) {
  if (quantization === undefined) {
    if (dtype === "float32") return new Float32Array(bytes.buffer);
    return new Float32Array(dtype === "int32" ? new Int32Array(bytes.buffer) : bytes);
  }
  if (quantization.dtype === "float16") return halfFloats(bytes);
  const { scale = 1, min = 0 } = quantization;
  const levels = quantization.dtype === "uint8" ? bytes : new Uint16Array(bytes.buffer);
  const values = new Float32Array(levels.length);
  for (let i = 0; i < levels.length; i += 1) {
    const value = (levels[i] as number) * scale + min;
    values[i] = dtype === "int32" ? Math.round(value) : value;
  }
  return values;
}
