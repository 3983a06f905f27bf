import { DESCRIPTOR_WORDS } from "./descriptor-words.ts";

const TOKEN = /[\p{L}\p{N}*]+(?:-[\p{L}\p{N}]+)*/gu;

/**
 * A descriptor with the words of the list only: Clean Descriptors (PS3.15 E.3.6). Words of the
 * patient's own name and numbers go even where the list has them: a patient may be called Heart.
 * Values of a multi-valued element are cleaned one by one.
 */
export function cleanDescriptor(text: string, identifying: ReadonlySet<string>): string {
  const isKept = (word: string) =>
    DESCRIPTOR_WORDS.has(word.toLowerCase()) && !identifying.has(word.toLowerCase());
  return text
    .split("\\")
    .map((value) => (value.match(TOKEN) ?? []).filter(isKept).join(" "))
    .join("\\");
}

/** The words of names and numbers, in lower case. */
export function wordsOf(texts: readonly (string | null)[]): Set<string> {
  return new Set(texts.flatMap((text) => (text ?? "").toLowerCase().match(TOKEN) ?? []));
}
