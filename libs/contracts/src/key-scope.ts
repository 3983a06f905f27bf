import { AxialError } from "./errors.ts";
import type { Lane } from "./lane.ts";
import { parseModelRef } from "./model-ref.ts";

/** What a key is for; null: for everything that its role allows. */
export interface KeyScope {
  /** Lanes that it may send to. */
  readonly lanes: readonly Lane[] | null;
  /** Models that it may ask. */
  readonly models: readonly string[] | null;
  /** Called AE titles that it may set up. */
  readonly aeTitles: readonly string[] | null;
}

export const UNLIMITED_SCOPE: KeyScope = { lanes: null, models: null, aeTitles: null };

/**
 * The lane of a store with a key: what was asked for, or the first of the key's lanes where nothing
 * was. Throws `forbidden` for another.
 */
export function laneWithin({ lanes }: KeyScope, asked: Lane | null): Lane | null {
  if (lanes === null) return asked;
  const [first = null] = lanes;
  if (asked === null) return first;
  if (lanes.includes(asked)) return asked;
  throw outside("lanes", lanes);
}

/**
 * The models of a request with a key: those that were named, or all of the key's where none was.
 * Throws `forbidden` for another.
 */
export function modelsWithin(
  { models }: KeyScope,
  named: readonly string[] | null,
): readonly string[] | null {
  if (models === null || named === null) return named ?? models;
  const isWithin = (ref: string) => models.includes(ref) || models.includes(parseModelRef(ref).id);
  if (named.every(isWithin)) return named;
  throw outside("models", models);
}

/** Throws `forbidden` for an AE title that the key may not set up. */
export function demandAeTitle({ aeTitles }: KeyScope, title: string): void {
  if (aeTitles !== null && !aeTitles.includes(title)) throw outside("AE titles", aeTitles);
}

/** The scope of a key that is made with another: no wider. Throws `forbidden` for a wider one. */
export function scopeWithin(
  outer: KeyScope,
  asked: { readonly [only in keyof KeyScope]?: KeyScope[only] | undefined },
): KeyScope {
  return {
    lanes: narrowed("lanes", outer.lanes, asked.lanes),
    models: narrowed("models", outer.models, asked.models),
    aeTitles: narrowed("AE titles", outer.aeTitles, asked.aeTitles),
  };
}

function narrowed<T extends string>(
  what: string,
  outer: readonly T[] | null,
  asked: readonly T[] | null = null,
): readonly T[] | null {
  if (outer === null || asked === null) return asked ?? outer;
  if (asked.every((one) => outer.includes(one))) return asked;
  throw outside(what, outer);
}

function outside(what: string, allowed: readonly string[]): AxialError {
  return new AxialError("forbidden", { detail: `the key is for ${what} ${allowed.join(", ")}` });
}
