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
