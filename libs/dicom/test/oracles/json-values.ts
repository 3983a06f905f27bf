import { data, log } from "dcmjs";
import { type DicomInstance, toDicomJson } from "../../src/index.ts";

/** VR and values of every element as one line of JSON, by path; of binary ones the VR alone. */
type JsonValues = ReadonlyMap<string, string>;

const BINARY = new Set(["OB", "OD", "OF", "OL", "OV", "OW", "UN"]);
const PADDING = /^[\s\0]+|[\s\0]+$/g;
const GROUP_LENGTH = /0000$/;

interface Attribute {
  readonly vr: string;
  readonly Value?: unknown;
}
type Attributes = Readonly<Record<string, Attribute>>;

/** The values of our DICOM JSON. */
export function ourValues(instance: DicomInstance): JsonValues {
  return new Map(valuesOf(toDicomJson(instance, { bulkDataUri: (tag) => tag }), ""));
}

/** The values that dcmjs reads. Throws what dcmjs throws. */
export function dcmjsValues(bytes: Buffer): JsonValues {
  log.setLevel("silent");
  log.getLogger("validation.dcmjs").setLevel("silent");
  const copy = new Uint8Array(bytes).buffer;
  return new Map(valuesOf(data.DicomMessage.readFile(copy).dict, ""));
}

function* valuesOf(attributes: Attributes, prefix: string): Generator<[string, string]> {
  for (const [tag, { vr, Value }] of Object.entries(attributes)) {
    const path = prefix + tag;
    const values = listOf(Value);
    if (GROUP_LENGTH.test(tag)) continue;
    if (vr === "SQ") {
      yield [path, `SQ ${values.length}`];
      for (const [i, item] of values.entries())
        yield* valuesOf(item as Attributes, `${path}[${i}].`);
    } else yield [path, BINARY.has(vr) ? vr : `${vr} ${JSON.stringify(plainValues(vr, values))}`];
  }
}

/** dcmjs hands out one text without a list. */
function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return typeof value === "object" && Symbol.iterator in value
    ? [...(value as Iterable<unknown>)]
    : [value];
}

/** Without padding; an empty value is null, and dcmjs has one where we have none. */
function plainValues(vr: string, values: readonly unknown[]): unknown[] {
  const plain = values.map((value) => plainValue(vr, value));
  return plain.slice(0, plain.findLastIndex((value) => value !== null) + 1);
}

function plainValue(vr: string, value: unknown): unknown {
  if (typeof value === "string") return value.replace(PADDING, "") || null;
  if (typeof value === "number" && vr === "AT") return hexTag(value);
  if (typeof value !== "object" || value === null) return value ?? null;
  const parts = Object.entries(value).map(([name, part]) => [name, plainValue(vr, part)] as const);
  const present = parts.filter(([, part]) => part !== null);
  return present.length === 0 ? null : Object.fromEntries(present);
}

function hexTag(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, "0");
}
