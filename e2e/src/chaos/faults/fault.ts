import { setTimeout as delay } from "node:timers/promises";
import type { Stack } from "../stack/stack.ts";

/** The target of a fault, and the random source. */
interface FaultContext<Broken extends Stack = Stack> {
  readonly stack: Broken;
  readonly random: () => number;
}

/** One kind of fault. */
export interface Fault<Broken extends Stack = Stack> {
  readonly kind: string;
  /** Why this stack cannot have it, or null. */
  skip?(stack: Broken): string | null;
  /**
   * Does it, for as long as it lasts. Resolves at the moment from which recovery counts: the
   * cause is gone, and a killed process serves again. How long a process takes to start depends
   * on the machine more than on Axial.
   */
  inflict(context: FaultContext<Broken>): Promise<void>;
}

/** Waits a random time between `least` and `most` seconds. */
export function lasting(random: () => number, least: number, most: number): Promise<void> {
  return delay(1_000 * (least + random() * (most - least)));
}

export function oneOf<Item>(items: readonly Item[], random: () => number): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to choose from");
  return item;
}
