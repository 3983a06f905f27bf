import { AxialError } from "@axial/contracts";

/**
 * An object of a topology with typed access to its values. Throws `invalid-model` on a wrong type.
 */
export class Json {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #where: string;

  constructor(value: unknown, where: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw invalid(`${where} is not an object`);
    }
    this.#values = value as Readonly<Record<string, unknown>>;
    this.#where = where;
  }

  get(key: string): unknown {
    return this.#values[key];
  }

  object(key: string): Json {
    return new Json(this.#values[key], `${this.#where}.${key}`);
  }

  list(key: string): readonly unknown[] {
    const value = this.#values[key];
    if (!Array.isArray(value)) throw this.#wrong(key, "a list");
    return value;
  }

  text(key: string, otherwise?: string): string {
    const value = this.#values[key] ?? otherwise;
    if (typeof value !== "string") throw this.#wrong(key, "a string");
    return value;
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.#values[key] ?? otherwise;
    if (typeof value !== "boolean") throw this.#wrong(key, "true or false");
    return value;
  }

  number(key: string, otherwise?: number): number {
    const value = this.#values[key] ?? otherwise;
    if (typeof value !== "number") throw this.#wrong(key, "a number");
    return value;
  }

  /** A number that may be left open. */
  numberOrNull(key: string): number | null {
    return this.#values[key] === undefined || this.#values[key] === null ? null : this.number(key);
  }

  numbers(key: string): readonly number[] {
    const values = this.list(key);
    if (!values.every((value) => typeof value === "number")) throw this.#wrong(key, "numbers");
    return values;
  }

  /** Two numbers, or one for both. */
  pair(key: string, otherwise?: readonly [number, number]): readonly [number, number] {
    const value = this.#values[key] ?? otherwise;
    if (typeof value === "number") return [value, value];
    const [first, second, ...more] = Array.isArray(value) ? value : [];
    if (typeof first !== "number" || typeof second !== "number" || more.length > 0) {
      throw this.#wrong(key, "two numbers");
    }
    return [first, second];
  }

  #wrong(key: string, wanted: string): AxialError {
    return invalid(`${this.#where}.${key} is not ${wanted}`);
  }
}

function invalid(detail: string): AxialError {
  return new AxialError("invalid-model", { detail });
}
