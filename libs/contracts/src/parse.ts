import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { AxialError, type ErrorCode } from "./errors.ts";
import { matches } from "./matches.ts";

/**
 * `value` as `schema` describes it, or an AxialError with `code` that names the first places
 * where it differs. Values are not quoted: they may be a patient's.
 */
export function parseAs<Schema extends TSchema>(
  schema: Schema,
  value: unknown,
  code: ErrorCode = "invalid-request",
): Static<Schema> {
  if (matches(schema, value)) return value;
  const places = [...Value.Errors(schema, value)]
    .slice(0, 3)
    .map((error) => `${error.instancePath || "/"}: ${error.message}`);
  throw new AxialError(code, { detail: places.join("; ") });
}
