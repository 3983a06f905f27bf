import { TABLE_LINES } from "./table-data.ts";

/** Actions of PS3.15 table E.1-1a; where several are named, an IOD decides which is least. */
type Action = "D" | "Z" | "X" | "U" | "Z/D" | "X/Z" | "X/D" | "X/Z/D" | "X/Z/U*";

/** What the profile says of an attribute. */
export interface ProfileEntry {
  readonly action: Action;
  /** Kept or shifted by the Retain Longitudinal Temporal Information options. */
  readonly temporal: boolean;
  /** Cleaned by the Clean Descriptors option. */
  readonly descriptor: boolean;
}

const CURVES = "50xxxxxx";

function parse(lines: string): Map<string, ProfileEntry> {
  return new Map(
    lines.split("\n").map((line) => {
      const [tag = "", action = "", options = ""] = line.split(" ");
      const entry = {
        action: action as Action,
        temporal: options.includes("T"),
        descriptor: options.includes("C"),
      };
      return [tag, entry];
    }),
  );
}

const TABLE = parse(TABLE_LINES);

/** Every entry by its tag in eight digits, x for any; for tests and documents. */
export const PROFILE: ReadonlyMap<string, ProfileEntry> = TABLE;

/** The entry of a standard attribute; null when the profile leaves it alone. */
export function profileEntry(tag: number): ProfileEntry | null {
  const digits = tag.toString(16).padStart(8, "0");
  const listed = TABLE.get(digits);
  if (listed !== undefined) return listed;
  if (digits.startsWith("50")) return TABLE.get(CURVES) ?? null;
  return digits.startsWith("60") ? (TABLE.get(`60xx${digits.slice(4)}`) ?? null) : null;
}
