import type { DataSet, Element } from "./data-set.ts";
import { dictionaryEntry } from "./dictionary.ts";
import type { DicomInstance } from "./instance.ts";
import { Tag } from "./tags.ts";

/** Bytes of the units that change their order between big and little endian, PS3.5 7.3. */
const UNIT: Readonly<Record<string, 2 | 4 | 8>> = {
  US: 2,
  SS: 2,
  OW: 2,
  AT: 2,
  UL: 4,
  SL: 4,
  FL: 4,
  OL: 4,
  OF: 4,
  FD: 8,
  OD: 8,
  SV: 8,
  UV: 8,
  OV: 8,
};

/** The value of `element` in little endian: a view where it is already, else a turned copy. */
export function littleEndianValue(
  dataset: DataSet,
  element: Element,
  unit: number = UNIT[element.vr] ?? 1,
): Buffer {
  const bytes = dataset.bytes.subarray(element.offset, element.offset + element.length);
  if (dataset.littleEndian || unit === 1) return bytes;
  const own = Buffer.from(new Uint8Array(bytes).buffer);
  const whole = own.subarray(0, own.length - (own.length % unit));
  if (unit === 2) whole.swap16();
  else if (unit === 4) whole.swap32();
  else whole.swap64();
  return own;
}

/**
 * The VR that `element` has in an explicit data set: implicit ones leave open whether "US or SS"
 * is signed, and the pixels decide (PS3.5 A.1).
 */
export function explicitVr({ dataset, syntax }: DicomInstance, element: Element): string {
  const open = element.vr === "US" && !syntax.explicit;
  const signed = open && dictionaryEntry(element.tag)?.vr === "XS";
  return signed && dataset.int(Tag.PixelRepresentation) === 1 ? "SS" : element.vr;
}
