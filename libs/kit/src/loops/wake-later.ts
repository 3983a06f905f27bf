import type { Loop } from "./loop.ts";

/** Combines wake-ups: one, `ms` after the first, for all that came meanwhile. */
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
