import { AxialError } from "@axial/contracts";
import { tagOfKeyword } from "@axial/dicom";

/** Results of one answer; the next page begins at `offset`. OHIF asks for 101 studies at a time. */
export const MAX_RESULTS = 1_000;

/** The largest offset: beyond it a search should be narrowed. */
const MAX_OFFSET = 1_000_000;

/** Parameters of one query, repeated ones included. */
const MAX_PARAMETERS = 200;

/** An attribute named in a query: its tag, after the tag of the sequence that holds it. */
export type AttributePath = readonly [tag: string] | readonly [sequence: string, tag: string];

interface SearchParameters {
  /** Attribute and the text to match it with, in the order of the query. */
  readonly matches: readonly { readonly path: AttributePath; readonly text: string }[];
  readonly include: readonly AttributePath[];
  readonly includeAll: boolean;
  readonly limit: number;
  readonly offset: number;
  /** What was not followed, in words for a Warning header. */
  readonly warnings: readonly string[];
}

/** Values of query parameters as Fastify parses them. */
export type RawQuery = Readonly<Record<string, string | readonly string[] | undefined>>;

const FUZZY =
  "The fuzzymatching parameter is not supported. Only literal matching has been performed.";
const UNKNOWN = "Unsupported query parameters were ignored.";
/** Read elsewhere: PS3.18 8.3.3.1. */
const NOT_OF_SEARCH = new Set(["accept"]);

/**
 * The query of a search (PS3.18 8.3.4). `invalid-request` for a limit, offset or attribute value
 * that is malformed; parameters that are unknown are ignored with a warning.
 */
export function parseSearch(query: RawQuery): SearchParameters {
  const entries = Object.entries(query).flatMap(([name, value]) =>
    [value ?? ""].flat().map((text) => ({ name, text })),
  );
  if (entries.length > MAX_PARAMETERS) {
    throw new AxialError("invalid-request", { detail: `more than ${MAX_PARAMETERS} parameters` });
  }
  const matches: { path: AttributePath; text: string }[] = [];
  const include: AttributePath[] = [];
  const warnings = new Set<string>();
  const taken = { limit: MAX_RESULTS, offset: 0, includeAll: false };
  for (const { name, text } of entries) {
    if (name === "limit") taken.limit = Math.min(count(name, text), MAX_RESULTS);
    else if (name === "offset") taken.offset = offsetOf(text);
    else if (name === "fuzzymatching") {
      if (text.toLowerCase() !== "false") warnings.add(FUZZY);
    } else if (name === "includefield") {
      for (const field of text.split(",").filter((each) => each !== "")) {
        const path = attributePath(field);
        if (field === "all") taken.includeAll = true;
        else if (path) include.push(path);
        else warnings.add(UNKNOWN);
      }
    } else if (!NOT_OF_SEARCH.has(name)) {
      const path = attributePath(name);
      if (path) matches.push({ path, text });
      else warnings.add(UNKNOWN);
    }
  }
  return { matches, include, ...taken, warnings: [...warnings] };
}

/** `PatientID`, `00100020`, or a sequence and what it holds: `RequestAttributesSequence.…`. */
export function attributePath(name: string): AttributePath | null {
  const tags = name.split(".").map(tagOf);
  const [first, second] = tags;
  if (tags.length > 2 || !first || second === null) return null;
  return second === undefined ? [first] : [first, second];
}

function tagOf(name: string): string | null {
  if (/^[0-9a-f]{8}$/i.test(name)) return name.toUpperCase();
  const tag = tagOfKeyword(name);
  return tag === null ? null : tag.toString(16).padStart(8, "0").toUpperCase();
}

function offsetOf(text: string): number {
  const offset = count("offset", text);
  if (offset <= MAX_OFFSET) return offset;
  throw new AxialError("invalid-request", { detail: `the largest offset is ${MAX_OFFSET}` });
}

function count(name: string, text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new AxialError("invalid-request", { detail: `${name} is not a whole number` });
}
