import type { Loop } from "./loop.ts";

/** A wake-up for many causes: `ms` after the first of them, once for all that came meanwhile. */
export function wakeLater(loop: Pick<Loop, "wake">, ms: number): () => void {
  let waking = false;
  return () => {
    if (waking) return;
    waking = true;
    setTimeout(() => {
      waking = false;
      loop.wake();
    }, ms).unref();
  };
}
