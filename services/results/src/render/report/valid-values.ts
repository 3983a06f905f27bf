import type { TagSnapshot } from "@axial/store/ingest";
import { firstText } from "./tag-values.ts";

/** VRs whose values are copied from images into what Axial writes. */
export type CopiedVr = "CS" | "DA" | "LO" | "PN" | "SH" | "TM";

/** No backslash, which parts values, and no control character (PS3.5 section 6.1). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const PLAIN = /^[^\\\u0000-\u001f\u007f-\u009f]*$/;
const CODE = /^[A-Z0-9 _]{1,16}$/;
const DATE = /^(\d{4})(\d{2})(\d{2})$/;
const TIME = /^([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?$/;
const UTC_OFFSET = /^[+-](0\d|1[0-4])[0-5]\d$/;
/** Of a name's component group, and of LO and SH (PS3.5 Table 6.2-1), in characters. */
const MAX_GROUP = 64;
const MAX_LO = 64;
const MAX_SH = 16;
const MAX_GROUPS = 3;
const MAX_COMPONENTS = 5;

/**
 * The first value of an element where it is one that its VR allows (PS3.5 Table 6.2-1); null for
 * anything else: a report must not carry on what a scanner got wrong.
 */
export function validText(tags: TagSnapshot, tag: string, vr: CopiedVr): string | null {
  const text = firstText(tags, tag)?.trim() ?? "";
  return text !== "" && isValid(text, vr) ? text : null;
}

/** TimezoneOffsetFromUTC (0008,0201) in minutes; null where the images name none. */
export function utcOffsetMinutes(tags: TagSnapshot): number | null {
  const text = firstText(tags, "00080201")?.trim() ?? "";
  if (!UTC_OFFSET.test(text)) return null;
  const minutes = Number.parseInt(text.slice(1, 3), 10) * 60 + Number.parseInt(text.slice(3), 10);
  return text.startsWith("-") ? -minutes : minutes;
}

function isValid(text: string, vr: CopiedVr): boolean {
  switch (vr) {
    case "CS":
      return CODE.test(text);
    case "DA":
      return isExistingDay(text);
    case "TM":
      return TIME.test(text);
    case "LO":
      return PLAIN.test(text) && lengthOf(text) <= MAX_LO;
    case "SH":
      return PLAIN.test(text) && lengthOf(text) <= MAX_SH;
    case "PN":
      return isName(text);
    default:
      return vr satisfies never;
  }
}

/** A DA value of an existing day: not the 31st of February. */
export function isExistingDay(text: string): boolean {
  const [, year = "", month = "", day = ""] = DATE.exec(text) ?? [];
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(`${year}-${month}-${day}`);
}

function isName(text: string): boolean {
  const groups = text.split("=");
  return (
    PLAIN.test(text) &&
    groups.length <= MAX_GROUPS &&
    groups.every((group) => lengthOf(group) <= MAX_GROUP) &&
    groups.every((group) => group.split("^").length <= MAX_COMPONENTS)
  );
}

function lengthOf(text: string): number {
  return [...text].length;
}
