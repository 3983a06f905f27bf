/** Red, green, blue. */
export type Colour = readonly [number, number, number];

/** From cold to hot, growing lighter all the way: readable without seeing colour. */
const STOPS: readonly Colour[] = [
  [66, 10, 104],
  [147, 38, 103],
  [221, 81, 58],
  [252, 165, 10],
  [252, 255, 164],
];
/** How much of the picture the strongest evidence covers: more than half of its contrast stays. */
const MOST_OPAQUE = 0.45;
/** Fainter evidence than this leaves the picture as it is. */
export const FAINTEST = 0.1;

/** Colour of `evidence` (0 to 1). */
export function colourOf(evidence: number): Colour {
  const at = Math.min(Math.max(evidence, 0), 1) * (STOPS.length - 1);
  const low = STOPS[Math.floor(at)] ?? [0, 0, 0];
  const high = STOPS[Math.ceil(at)] ?? low;
  const part = at - Math.floor(at);
  const channel = (index: 0 | 1 | 2) => Math.round(low[index] + (high[index] - low[index]) * part);
  return [channel(0), channel(1), channel(2)];
}

/** Share of the picture that the colour covers. */
export function opacityOf(evidence: number): number {
  return evidence < FAINTEST ? 0 : Math.min(1, evidence) ** 0.7 * MOST_OPAQUE;
}
