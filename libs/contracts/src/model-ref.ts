import { Type } from "typebox";

/** An id of 63 characters, `@` and a version. */
const MAX_CHARACTERS = 96;

/** How a request names a model: `id` for the version in use, `id@version` for one version. */
export const ModelRefSchema = Type.String({
  maxLength: MAX_CHARACTERS,
  description: "id of a model, or id@version",
});

/** A model as a request names it; without a version it is the version in use. */
export interface ModelRef {
  readonly id: string;
  readonly version: string | null;
}

/** Reads `id` or `id@version`. */
export function parseModelRef(text: string): ModelRef {
  const at = text.indexOf("@");
  return at < 0
    ? { id: text, version: null }
    : { id: text.slice(0, at), version: text.slice(at + 1) };
}
