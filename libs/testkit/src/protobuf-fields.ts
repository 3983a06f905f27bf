export interface ProtobufField {
  readonly number: number;
  /** Of a varint or a fixed 64-bit number the number, else the bytes. */
  readonly value: bigint | Buffer;
}

/** The fields of a protobuf message, in order. Throws for what is cut off. */
export function messageFields(bytes: Buffer): ProtobufField[] {
  const fields: ProtobufField[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const block = (length: number): Buffer => {
    if (at + length > bytes.length) throw new RangeError("a protobuf message is cut off");
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    fields.push({ number: tag >> 3, value: fieldValue(tag & 7, { varint, block }) });
  }
  return fields;
}

interface Reader {
  varint(): bigint;
  block(length: number): Buffer;
}

function fieldValue(type: number, { varint, block }: Reader): bigint | Buffer {
  switch (type) {
    case 0:
      return varint();
    case 1:
      return block(8).readBigUInt64LE();
    case 2:
      return block(Number(varint()));
    case 5:
      return BigInt(block(4).readUInt32LE());
    default:
      throw new RangeError(`protobuf has no wire type ${type}`);
  }
}
