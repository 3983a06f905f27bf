import { AxialError } from "@axial/contracts";
import { storedBytes, type TfjsWeight } from "@axial/inference";
import type { Weight } from "../network/convolution.ts";

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

/** IEEE 754 half-precision numbers (binary16), little endian, as single-precision ones. */
export function halfFloats(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(bytes.length / 2);
  for (let i = 0; i < values.length; i += 1) values[i] = halfFloat(view.getUint16(i * 2, true));
  return values;
}

const EXPONENT_BITS = 0x1f;
const FRACTION = 1024;

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & EXPONENT_BITS;
  const fraction = (bits & (FRACTION - 1)) / FRACTION;
  if (exponent === 0) return sign * fraction * 2 ** -14;
  if (exponent === EXPONENT_BITS) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction) * 2 ** (exponent - 15);
}
