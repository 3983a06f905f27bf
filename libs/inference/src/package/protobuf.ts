import { AxialError } from "@axial/contracts";

/** A field of a protobuf message: a number for varints, bytes for length-delimited ones. */
export type Field = { readonly id: number; readonly value: number | Uint8Array };

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
/** Ten groups of seven bits hold 64 bits. */
const MAX_VARINT_BYTES = 10;
/** Keys have 32 bits; other readers drop higher bits and would see another field. */
const MAX_KEY = 2 ** 32 - 1;

/** The fields of one message, in file order. Throws `invalid-model` for damaged bytes. */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  let at = 0;
  while (at < message.length) {
    const key = varint(message, at);
    const [id, wire] = [Math.floor(key.value / 8), key.value % 8];
    at = key.next;
    if (id === 0 || key.value > MAX_KEY) throw damaged();
    if (wire === VARINT) {
      const number = varint(message, at);
      yield { id, value: number.value };
      at = number.next;
    } else if (wire === BYTES) {
      const length = varint(message, at);
      const end = length.next + length.value;
      if (length.value < 0 || end > message.length) throw damaged();
      yield { id, value: message.subarray(length.next, end) };
      at = end;
    } else if (wire === FIXED64 || wire === FIXED32) {
      at += wire === FIXED64 ? 8 : 4;
    } else {
      throw damaged();
    }
  }
}

/** The integers of a packed repeated field. */
export function* varintsOf(packed: Uint8Array): Generator<number> {
  for (let at = 0; at < packed.length; ) {
    const { value, next } = varint(packed, at);
    yield value;
    at = next;
  }
}

/** Exact up to 2^53, which no length or enum of a model reaches; negative ones take ten bytes. */
function varint(bytes: Uint8Array, start: number): { value: number; next: number } {
  let [value, factor] = [0, 1];
  for (let at = start; at < start + MAX_VARINT_BYTES; at++) {
    const byte = bytes[at];
    if (byte === undefined) throw damaged();
    value += (byte % 128) * factor;
    factor *= 128;
    if (byte < 128) {
      const negative = at - start === MAX_VARINT_BYTES - 1;
      return { value: negative ? signed(bytes.subarray(start, at + 1)) : value, next: at + 1 };
    }
  }
  throw damaged();
}

/** Two's complement of 64 bits. */
function signed(groups: Uint8Array): number {
  const bits = groups.reduceRight((sum, byte) => (sum << 7n) | BigInt(byte % 128), 0n);
  return Number(BigInt.asIntN(64, bits));
}

function damaged(): AxialError {
  return new AxialError("invalid-model", { detail: "the weights are not an ONNX file" });
}
