import type { Static, TObject } from "typebox";
import { Value } from "typebox/value";

/** Thrown when the environment does not fit a service's schema; names every problem at once. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`configuration: ${problems.join("; ")}`);
    this.name = "ConfigError";
  }
}

/**
 * Reads the settings of `schema` from `source` (usually the process environment): fills in
 * defaults, coerces text to numbers and booleans, drops what the schema does not name, and freezes
 * the result. Errors do not quote values, because some are secrets.
 */
export function loadConfig<Schema extends TObject>(
  schema: Schema,
  source: Readonly<Record<string, string | undefined>>,
): Readonly<Static<Schema>> {
  const named = Object.keys(schema.properties).flatMap((key) => {
    const value = source[key];
    return value === undefined || value === "" ? [] : [[key, value] as const];
  });
  const value = Value.Convert(schema, Value.Default(schema, Object.fromEntries(named)));
  if (Value.Check(schema, value)) return Object.freeze(value as Static<Schema>);
  throw new ConfigError(
    [...Value.Errors(schema, value)].map(
      (error) => `${error.instancePath.slice(1) || "(root)"} ${error.message}`,
    ),
  );
}
