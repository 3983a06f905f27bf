/** What says how an image is weighted. */
interface Weighting {
  /** Of the series' descriptions, see `toWords`. */
  readonly words: string;
  /** Milliseconds. */
  readonly echoTime: number | null;
  readonly repetitionTime: number | null;
}

/** Words by which protocols name a weighting or technique. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  T1: ["t1", "t1w", "mprage", "mp2rage", "spgr", "bravo", "tfl3d", "vibe"],
  T2: ["t2", "t2w"],
  "T2*": ["t2*", "t2star", "swi", "swan", "gre2d"],
  PD: ["pd", "pdw", "density", "dp"],
  FLAIR: ["flair", "dark"],
  STIR: ["stir", "tirm"],
  DWI: ["dwi", "diffusion", "ep2d", "trace"],
  ADC: ["adc"],
};

/** Milliseconds that tell the weighting of a spin echo when no word does. */
const SHORT_TE = 30;
const LONG_TE = 70;
const SHORT_TR = 1_000;
const LONG_TR = 1_800;

/** Weightings that an image may be of: by its descriptions, else by echo and repetition time. */
export function sequenceHints({ words: text, echoTime, repetitionTime }: Weighting): string[] {
  const named = Object.entries(WORDS).flatMap(([hint, words]) =>
    words.some((word) => text.includes(` ${word} `)) ? [hint] : [],
  );
  return named.length > 0 ? named : hintsOfTiming(echoTime, repetitionTime);
}

function hintsOfTiming(echo: number | null, repetition: number | null): string[] {
  if (echo === null || repetition === null) return [];
  if (echo >= LONG_TE && repetition >= LONG_TR) return ["T2"];
  if (echo <= SHORT_TE && repetition <= SHORT_TR) return ["T1"];
  if (echo <= SHORT_TE && repetition >= LONG_TR) return ["PD"];
  return [];
}
