/** jsonb rejects U+0000 and lone surrogates; damaged tags produce both. */
const REFUSED_BY_JSONB = /\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** `value` as text that a jsonb column takes. */
export function jsonParameter(value: unknown): string {
  const text = JSON.stringify(value);
  return REFUSED_BY_JSONB.test(text) ? JSON.stringify(value, cleanText) : text;
}

function cleanText(_key: string, value: unknown): unknown {
  return typeof value === "string" ? value.replaceAll("\0", "").toWellFormed() : value;
}
