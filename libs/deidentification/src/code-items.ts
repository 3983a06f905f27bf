import { type DataSet, writeElement } from "@axial/dicom";
import { cleanDescriptor } from "./clean-descriptor.ts";

const CODE_VALUE = 0x0008_0100;
const SCHEME = 0x0008_0102;
const SCHEME_VERSION = 0x0008_0103;
const MEANING = 0x0008_0104;

/** Coding schemes whose codes name concepts and never persons (PS3.16 table 8-1). */
const PUBLIC_SCHEMES = new Set([
  ...["SCT", "SRT", "SNM3", "DCM", "LN", "RADLEX", "UCUM", "FMA", "ACR", "MSH", "UMLS", "NCIt"],
  ...["ICD10", "I10", "I10P", "I9", "I9C", "ICD11"],
]);

/** Whether an item is a code (PS3.3 8.8). */
export function isCode(item: DataSet): boolean {
  return item.has(CODE_VALUE) && item.has(SCHEME);
}

/** A code of a public scheme with a cleaned meaning, written; null for one of another scheme. */
export function cleanCode(item: DataSet, identifying: ReadonlySet<string>): Buffer | null {
  const scheme = item.string(SCHEME) ?? "";
  if (!PUBLIC_SCHEMES.has(scheme)) return null;
  const element = (tag: number, vr: string, value: string | null) =>
    value === null ? [] : [writeElement(tag, vr, Buffer.from(value, "latin1"))];
  const meaning = cleanDescriptor(item.text(MEANING) ?? "", identifying);
  return Buffer.concat([
    ...element(CODE_VALUE, "SH", item.string(CODE_VALUE)),
    ...element(SCHEME, "SH", scheme),
    ...element(SCHEME_VERSION, "SH", item.string(SCHEME_VERSION)),
    ...element(MEANING, "LO", meaning === "" ? "REMOVED" : meaning),
  ]);
}
