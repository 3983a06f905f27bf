import { dimse } from "../library.ts";

/** What a C-STORE response holds, in the order of its tags (0000,eeee): PS3.7 table 9.3-2, E.1. */
const ELEMENTS = [
  [0x0002, "AffectedSOPClassUID"],
  [0x0100, "CommandField"],
  [0x0120, "MessageIDBeingRespondedTo"],
  [0x0800, "CommandDataSetType"],
  [0x0900, "Status"],
  [0x0902, "ErrorComment"],
  [0x1000, "AffectedSOPInstanceUID"],
] as const;

/**
 * The command set of a C-STORE response. The library's own writer allocates half a megabyte for each
 * of these 150 bytes, which made the garbage collector the largest cost of an instance.
 */
export class StoreResponseSet extends dimse.Dataset {
  override getDenaturalizedCommandDataset(): Buffer {
    const elements = this.getElements() as Readonly<Record<string, unknown>>;
    const written = ELEMENTS.flatMap(([element, keyword]) => {
      const value = elements[keyword];
      return value === undefined ? [] : [writeElement(element, value as string | number)];
    });
    const length = Buffer.alloc(4);
    length.writeUInt32LE(written.reduce((sum, { length }) => sum + length, 0));
    return Buffer.concat([elementHeader(0, length.length), length, ...written]);
  }
}

/** Numbers are US; texts UI or LO, of which only the comment is padded with a space. */
function writeElement(element: number, value: string | number): Buffer {
  if (typeof value === "number") {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(value);
    return Buffer.concat([elementHeader(element, 2), bytes]);
  }
  const padding = element === 0x0902 ? " " : "\0";
  const bytes = Buffer.from(value.length % 2 === 0 ? value : value + padding, "latin1");
  return Buffer.concat([elementHeader(element, bytes.length), bytes]);
}

/** Implicit VR Little Endian, as every command set (PS3.7 6.3.1). */
function elementHeader(element: number, length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(element, 2);
  bytes.writeUInt32LE(length, 4);
  return bytes;
}
