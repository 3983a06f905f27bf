import { AxialError } from "@axial/contracts";
import { numberOfString } from "@axial/dicom";
import type { ValueMatch } from "@axial/store/search";

/** A date, also in ACR-NEMA's form. */
const DATE = /^\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/;
const LEGACY_DATE = /\b(\d{4})\.(\d{2})\.(\d{2})\b/g;
const TIME = /^([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?$/;
const UID = /^[0-9.]{1,64}$/;
/** VRs on which wildcards work (PS3.4 C.2.2.2.4). */
const WILDCARD_VRS = new Set(["AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"]);
const NUMBER_VRS = new Set(["DS", "IS", "SL", "SS", "UL", "US"]);

/** UIDs of one list. A request's URL ends before that. */
const MAX_LIST_VALUES = 1_000;

/**
 * What `text` asks of an attribute of `vr` (PS3.4 C.2.2.2): nothing, one of some values, a
 * wildcard, or a range of dates or times. `invalid-request` for what its VR cannot hold.
 */
export function matchValue(vr: string, text: string): ValueMatch {
  if (text === "" || (text === "*" && WILDCARD_VRS.has(vr))) return { kind: "any" };
  if (vr === "DA") return dateRange(text);
  if (vr === "TM") return timeRange(text);
  const values = list(vr, text);
  if (vr === "UI") return { kind: "equals", values: values.map(uid) };
  if (NUMBER_VRS.has(vr)) return { kind: "equals", values: values.map(number) };
  if (vr === "PN") return { kind: "name", names: values };
  const wild = WILDCARD_VRS.has(vr) && /[*?]/.test(text);
  return wild ? { kind: "like", values } : { kind: "equals", values };
}

/** A backslash cannot be inside a value; a comma can, except in UIDs and codes. */
function list(vr: string, text: string): string[] {
  const values = text.split(vr === "UI" || vr === "CS" ? /[\\,]/ : "\\").map((each) => each.trim());
  if (values.length > MAX_LIST_VALUES) {
    throw new AxialError("invalid-request", { detail: `more than ${MAX_LIST_VALUES} values` });
  }
  return values;
}

function uid(value: string): string {
  if (UID.test(value)) return value;
  throw new AxialError("invalid-request", { detail: "a UID to match is not a UID" });
}

function number(value: string): string {
  const parsed = numberOfString(value);
  if (Number.isFinite(parsed)) return String(parsed);
  throw new AxialError("invalid-request", { detail: "a number to match is not a number" });
}

function dateRange(text: string): ValueMatch {
  const [from, to] = rangeEnds(text.replace(LEGACY_DATE, "$1$2$3"), DATE, "date");
  return { kind: "range", from, to };
}

/** A time names everything that begins with it: 10 is the hour from 10:00:00 to 10:59:59.999999. */
function timeRange(text: string): ValueMatch {
  const [from, to] = rangeEnds(text, TIME, "time");
  return {
    kind: "range",
    from: from && filledTime(from, "000000.000000"),
    to: to && filledTime(to, "235959.999999"),
  };
}

function filledTime(time: string, rest: string): string {
  return time + rest.slice(time.length);
}

/** `a`, `a-b`, `a-` or `-b`. */
function rangeEnds(
  text: string,
  pattern: RegExp,
  name: string,
): readonly [from: string | null, to: string | null] {
  const parts = text.split("-");
  const [from = "", to = from] = parts;
  const valid = parts.length <= 2 && [from, to].every((end) => end === "" || pattern.test(end));
  if (!valid || (from === "" && to === "")) {
    throw new AxialError("invalid-request", { detail: `a ${name} to match is not a ${name}` });
  }
  return [from || null, to || null];
}
