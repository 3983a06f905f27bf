/** Fields of a protobuf message, to be joined by `joined`: the wire format of ONNX files. */

const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

/** An integer, negative ones in two's complement of 64 bits. */
export function intField(id: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(key(id, VARINT)), ...varint(value)]);
}

export function floatField(id: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return joined([Uint8Array.from(varint(key(id, FIXED32))), bytes]);
}

/** A string, raw bytes, or a message inside this one. */
export function bytesField(id: number, value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return joined([Uint8Array.from([...varint(key(id, BYTES)), ...varint(bytes.length)]), bytes]);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function key(id: number, wire: number): number {
  return id * 8 + wire;
}

function varint(value: number): number[] {
  const groups: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 128n) {
    groups.push(Number(rest % 128n) + 128);
    rest /= 128n;
  }
  return [...groups, Number(rest)];
}
