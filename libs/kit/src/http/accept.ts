import { type MediaType, parseMediaType } from "./media-type.ts";

/** The media ranges of an Accept header, most wanted first; `*\/*` when there is none. */
export function acceptedTypes(header: string | undefined): MediaType[] {
  return splitList(header ?? "*/*")
    .map(parseMediaType)
    .filter((range) => quality(range) > 0)
    .sort((a, b) => quality(b) - quality(a));
}

/** True when one of `types` may be answered. */
export function accepts(header: string | undefined, types: readonly string[]): boolean {
  return acceptedTypes(header).some((range) => types.some((type) => covers(range.type, type)));
}

/** True when a media range such as `image/*` covers `type`. */
export function covers(range: string, type: string): boolean {
  if (range === "*/*" || range === type) return true;
  return range.endsWith("/*") && type.startsWith(range.slice(0, -1));
}

function quality({ parameters }: MediaType): number {
  const q = Number(parameters.get("q") ?? 1);
  return Number.isFinite(q) ? q : 1;
}

/** Splits at commas outside of quotes. */
function splitList(header: string): string[] {
  return header.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? [];
}
