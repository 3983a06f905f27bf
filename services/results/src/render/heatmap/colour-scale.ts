/** From cold to hot, growing lighter all the way: readable without seeing colour. */
const STOPS: readonly (readonly [red: number, green: number, blue: number])[] = [
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

/** The levels of all stops, one after the other: reading them allocates nothing. */
const LEVELS = Float64Array.from(STOPS.flat());
const CHANNELS = 3;

/** Lays the colour of `evidence` (0 to 1) over the pixel whose red is `pixels[at]`. */
export function layColour(
  pixels: Uint8Array,
  at: number,
  { evidence, opacity }: { readonly evidence: number; readonly opacity: number },
): void {
  const place = Math.min(Math.max(evidence, 0), 1) * (STOPS.length - 1);
  const [low, high] = [Math.floor(place) * CHANNELS, Math.ceil(place) * CHANNELS];
  const part = place - Math.floor(place);
  for (let channel = 0; channel < CHANNELS; channel++) {
    const cold = LEVELS[low + channel] ?? 0;
    const level = Math.round(cold + ((LEVELS[high + channel] ?? 0) - cold) * part);
    const below = pixels[at + channel] ?? 0;
    pixels[at + channel] = Math.round(below + (level - below) * opacity);
  }
}

/** Share of the picture that the colour covers. */
export function opacityOf(evidence: number): number {
  return evidence < FAINTEST ? 0 : Math.min(1, evidence) ** 0.7 * MOST_OPAQUE;
}
