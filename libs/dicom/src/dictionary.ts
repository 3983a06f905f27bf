import { DICTIONARY_LINES } from "./dictionary-data.ts";

export interface DictionaryEntry {
  readonly tag: number;
  /** Two letters; XS is "US or SS" and OX "OB or OW": the pixel module decides. */
  readonly vr: string;
  readonly keyword: string;
}

let byTag: Map<number, DictionaryEntry> | null = null;
let byKeyword: Map<string, DictionaryEntry> | null = null;

function load(): Map<number, DictionaryEntry> {
  if (byTag) return byTag;
  byTag = new Map();
  byKeyword = new Map();
  for (const line of DICTIONARY_LINES.split("\n")) {
    const tag = Number.parseInt(line.slice(0, 8), 16);
    const entry = { tag, vr: line.slice(8, 10), keyword: line.slice(10) };
    byTag.set(tag, entry);
    byKeyword.set(entry.keyword, entry);
  }
  return byTag;
}

/** Curves (50xx) and overlays (60xx) repeat: their even groups share one definition. */
function canonicalTag(tag: number): number {
  const family = tag >>> 24;
  const repeats = (family === 0x50 || family === 0x60) && (tag & 0x0001_0000) === 0;
  return repeats ? (tag & 0xff00_ffff) >>> 0 : tag;
}

/** The PS3.6 entry of `tag`, or null for private and unknown tags. */
export function dictionaryEntry(tag: number): DictionaryEntry | null {
  return load().get(canonicalTag(tag)) ?? null;
}

/** The tag of a keyword such as `PatientName`, or null. */
export function tagOfKeyword(keyword: string): number | null {
  load();
  return byKeyword?.get(keyword)?.tag ?? null;
}

/** VR for an element whose encoding does not say: PS3.6, group length, private creator, else UN. */
export function implicitVr(tag: number): string {
  const vr = load().get(canonicalTag(tag))?.vr;
  if (vr === "XS") return "US";
  if (vr === "OX") return "OW";
  if (vr !== undefined) return vr;
  const element = tag & 0xffff;
  if (element === 0) return "UL";
  const isPrivateCreator = (tag & 0x1_0000) !== 0 && element >= 0x10 && element <= 0xff;
  return isPrivateCreator ? "LO" : "UN";
}
