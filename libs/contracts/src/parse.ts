import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { AxialError, type ErrorCode } from "./errors.ts";
import { matches } from "./matches.ts";

/**
 * Returns `value` typed by `schema`. Throws an AxialError with `code` that names the first
 * mismatches. Values are not quoted: they may be patient data.
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
