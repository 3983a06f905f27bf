import type { Stack } from "../stack/stack.ts";
import type { Fault } from "./fault.ts";

interface DeckOptions<Broken extends Stack> {
  readonly stack: Broken;
  /** Every kind of fault that such a stack knows. */
  readonly faults: readonly Fault<Broken>[];
  readonly random: () => number;
  /** Only these kinds; all of them when empty. */
  readonly only: readonly string[];
}

/**
 * Draws faults like cards: in an order that the seed decides, and every kind once before any
 * comes again, so that a long run meets all of them about as often.
 */
export class Deck<Broken extends Stack> {
  /** Faults that are not possible here, and why. */
  readonly skipped: readonly string[];
  readonly #kinds: readonly Fault<Broken>[];
  readonly #random: () => number;
  #left: Fault<Broken>[] = [];

  constructor({ stack, faults, random, only }: DeckOptions<Broken>) {
    const unknown = only.filter((kind) => !faults.some((fault) => fault.kind === kind));
    if (unknown.length > 0) {
      throw new Error(`no such fault: ${unknown}; one of ${faults.map(({ kind }) => kind)}`);
    }
    const wanted = faults.filter(({ kind }) => only.length === 0 || only.includes(kind));
    const reasons = wanted.map((fault) => fault.skip?.(stack) ?? null);
    this.#kinds = wanted.filter((_, index) => reasons[index] === null);
    this.#random = random;
    this.skipped = wanted.flatMap(({ kind }, index) =>
      reasons[index] === null ? [] : [`${kind}: ${reasons[index]}`],
    );
  }

  draw(): Fault<Broken> {
    if (this.#left.length === 0) this.#left = shuffled(this.#kinds, this.#random);
    const fault = this.#left.pop();
    if (fault === undefined) throw new Error("every kind of fault is skipped here");
    return fault;
  }
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const keyed = items.map((item) => ({ item, place: random() }));
  return keyed.sort((a, b) => a.place - b.place).map(({ item }) => item);
}
