import type { Static, TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";

const validators = new WeakMap<TSchema, Validator>();

/**
 * Whether `value` matches `schema`. A schema is compiled on first use: interpreting it costs
 * nineteen times as much for a result blob (174 µs against 9 µs).
 */
export function matches<Schema extends TSchema>(
  schema: Schema,
  value: unknown,
): value is Static<Schema> {
  let validator = validators.get(schema);
  if (validator === undefined) {
    validator = Compile(schema);
    validators.set(schema, validator);
  }
  return validator.Check(value);
}
