import type { TagSnapshot } from "@axial/store/ingest";

/** The first value of a DICOM JSON element (PS3.18 F.2) as text, or null. */
export function firstText(tags: TagSnapshot, tag: string): string | null {
  const element = tags[tag];
  const value = element?.Value?.[0];
  if (value === undefined || value === null) return null;
  if (typeof value === "object") return personName(value as Record<string, string>);
  return String(value);
}

/** The component groups of a person's name as PS3.5 section 6.2.1 writes them. */
function personName({ Alphabetic, Ideographic, Phonetic }: Record<string, string>): string {
  return [Alphabetic, Ideographic, Phonetic]
    .map((group) => group ?? "")
    .join("=")
    .replace(/=+$/, "");
}
