import type { Loop } from "./loop.ts";

/** Loops that are woken and closed as one. */
export function togetherLoops(loops: readonly Loop[]): Loop {
  return {
    wake: () => {
      for (const loop of loops) loop.wake();
    },
    close: async () => {
      await Promise.all(loops.map((loop) => loop.close()));
    },
  };
}
