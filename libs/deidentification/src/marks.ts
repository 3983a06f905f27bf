import { writeElement, writeItems } from "@axial/dicom";
import type { DeidentifyOptions } from "./options.ts";

/** Codes of CID 7050, De-identification Method. */
const BASIC = ["113100", "Basic Application Confidentiality Profile"] as const;
const CLEAN_PIXELS = ["113101", "Clean Pixel Data Option"] as const;
const CLEAN_DESCRIPTORS = ["113105", "Clean Descriptors Option"] as const;
const SAFE_PRIVATE = ["113111", "Retain Safe Private Option"] as const;
const DATES = {
  full: ["113106", "Retain Longitudinal Temporal Information Full Dates Option"],
  modified: ["113107", "Retain Longitudinal Temporal Information Modified Dates Option"],
} as const;

/** What an instance says of its de-identification (PS3.3 C.7.1.1, C.7.6.1), by tag. */
export function marks(
  dates: DeidentifyOptions["dates"],
  pixels: { readonly blanked: boolean },
): Map<number, Buffer> {
  const methods = [BASIC, CLEAN_PIXELS, CLEAN_DESCRIPTORS, SAFE_PRIVATE, DATES[dates]];
  const text = (tag: number, vr: string, value: string) =>
    [tag, writeElement(tag, vr, Buffer.from(value, "latin1"))] as const;
  const code = ([value, meaning]: readonly [string, string]) => [
    text(0x0008_0100, "SH", value)[1],
    text(0x0008_0102, "SH", "DCM")[1],
    text(0x0008_0104, "LO", meaning)[1],
  ];
  const sequence = Buffer.concat([...writeItems(0x0012_0064, methods.map(code))]);
  return new Map([
    text(0x0012_0062, "CS", "YES"),
    text(0x0012_0063, "LO", ["DICOM PS3.15 2026c", ...methods.map(([, name]) => name)].join("\\")),
    [0x0012_0064, sequence],
    text(0x0028_0303, "CS", dates === "full" ? "UNMODIFIED" : "MODIFIED"),
    ...(pixels.blanked ? [text(0x0028_0301, "CS", "NO")] : []),
  ]);
}
