/**
 * Messages of HL7 v2 in their vertical-bar encoding (chapter 2, ER7): segments of fields of
 * repetitions of components. Text is UTF-8, which MSH-18 says.
 */

/** A field: text, or its components; `raw` stands as it is written. */
export type Field =
  | string
  | number
  | null
  | readonly (string | number | null)[]
  | { readonly raw: string };

export interface Segment {
  readonly name: string;
  readonly fields: readonly Field[];
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\E\\",
  "|": "\\F\\",
  "^": "\\S\\",
  "&": "\\T\\",
  "~": "\\R\\",
  "\r": "\\.br\\",
  "\n": "\\.br\\",
};

/** Text in which nothing is a delimiter (2.7). */
export function escapeText(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(/[\\|^&~\r\n]/g, (found) => ESCAPES[found] ?? "");
}

const UNESCAPES: Readonly<Record<string, string>> = {
  E: "\\",
  F: "|",
  S: "^",
  T: "&",
  R: "~",
  ".br": "\n",
};

/** The opposite of `escapeText`; escapes that are unknown here stay as they are. */
export function unescapeText(text: string): string {
  return text.replaceAll(/\\([^\\]*)\\/g, (whole, code: string) => UNESCAPES[code] ?? whole);
}

/** Segments as bytes between them, each ended by a carriage return. */
export function writeMessage(segments: readonly Segment[]): string {
  return segments.map((segment) => `${writeSegment(segment)}\r`).join("");
}

/** MSH-1 is the delimiter that follows the segment's name. */
function writeSegment({ name, fields }: Segment): string {
  const written = fields.map(writeField);
  const line = name === "MSH" ? `MSH|^~\\&|${written.join("|")}` : [name, ...written].join("|");
  return line.replace(/\|+$/, "");
}

function writeField(field: Field): string {
  if (field === null) return "";
  if (typeof field === "string" || typeof field === "number") return escapeText(String(field));
  if ("raw" in field) return field.raw;
  return field
    .map((part) => (part === null ? "" : escapeText(String(part))))
    .join("^")
    .replace(/\^+$/, "");
}

/** A message that was read. */
export class Message {
  readonly #segments: readonly (readonly string[])[];

  constructor(segments: readonly (readonly string[])[]) {
    this.#segments = segments;
  }

  /** Names of the segments, in their order. */
  get names(): string[] {
    return this.#segments.map(([name = ""]) => name);
  }

  /**
   * Component `component` of field `field`, both counted from 1, of the first segment of that name;
   * null where it is empty or missing.
   */
  text(segment: string, field: number, component = 1): string | null {
    const found = this.#segments.find(([name]) => name === segment);
    const [first = ""] = (found?.[field] ?? "").split("~");
    const value = first.split("^")[component - 1] ?? "";
    return value === "" ? null : unescapeText(value);
  }
}

/** Segments of one message: `MSA` alone is an acknowledgement, 200 a long order. */
const MAX_SEGMENTS = 1_000;

/** Reads a message; null if it has no MSH or uses unusual delimiters. */
export function readMessage(text: string): Message | null {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line !== "");
  if (!text.startsWith("MSH|^~\\&") || lines.length > MAX_SEGMENTS) return null;
  return new Message(
    lines.map((line) => {
      const fields = line.split("|");
      // MSH-1 is the bar itself: MSH-2 is what stands between the first two bars.
      return fields[0] === "MSH" ? ["MSH", "|", ...fields.slice(1)] : fields;
    }),
  );
}

/** A moment as DTM, to the second, in UTC (2A.3.22). */
export function dateTime(at: Date): string {
  return `${at.toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}+0000`;
}
