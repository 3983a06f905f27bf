import type { PixelRule } from "./pixel-rules.ts";

/** How an installation, or a person at the shell, wants instances de-identified. */
export interface DeidentifyOptions {
  /**
   * Secret, 32 bytes at least. The same key yields the same new UIDs, patient numbers and shift of
   * dates; with it guesses can be tested, so it is kept like the identities themselves.
   */
  readonly key: Uint8Array;
  /** Retain Longitudinal Temporal Information: days are shifted per patient, or kept. */
  readonly dates: "modified" | "full";
  /** Where text is burned in, and what to do about it. */
  readonly pixelRules: readonly PixelRule[];
}
