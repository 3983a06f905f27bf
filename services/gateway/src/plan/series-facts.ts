import type { InstanceFacts } from "@axial/contracts";
import { type Slice, slicesOf } from "@axial/dicom";

/** What a series is as a whole; everything else its slices say for themselves. */
export interface SeriesFacts {
  readonly kind: "dicom" | "image";
  /** Every frame of every image of the series, in the order of their arrival. */
  readonly slices: readonly Slice[];
  readonly ownOutput: boolean;
  /** Every description, in lower case, words separated by single spaces, one space around. */
  readonly words: string;
}

export function seriesFacts(
  instances: readonly InstanceFacts[],
  kind: "dicom" | "image" = "dicom",
): SeriesFacts {
  return {
    kind,
    slices: instances.flatMap(slicesOf),
    ownOutput: instances.some((facts) => facts.ownOutput),
    words: wordsOf(instances.filter((facts) => facts.hasPixelData)),
  };
}

/** `text` as words: lower case, anything but letters and digits is a gap. */
export function toWords(text: string): string {
  const words = text
    .toLowerCase()
    .normalize("NFKD")
    .split(/[^\p{L}\p{N}*]+/u);
  return ` ${words.filter((word) => word !== "").join(" ")} `;
}

function wordsOf(images: readonly InstanceFacts[]): string {
  const texts = new Set<string>();
  for (const facts of images) {
    for (const text of [facts.seriesDescription, facts.protocolName, facts.studyDescription]) {
      if (text !== null) texts.add(text);
    }
    if (facts.sequenceName !== null) texts.add(facts.sequenceName);
    if (texts.size > MAX_TEXTS) break;
  }
  return toWords([...texts].join(" "));
}

/** Different descriptions within one series: usually three, one per slice in odd exports. */
const MAX_TEXTS = 64;
