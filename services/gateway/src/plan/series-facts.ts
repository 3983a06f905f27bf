import type { InstanceFacts, Plane } from "@axial/contracts";

/** What a series is, from the facts of its instances. */
export interface SeriesFacts {
  readonly images: readonly InstanceFacts[];
  readonly kind: "dicom" | "image";
  readonly ownOutput: boolean;
  readonly modality: string | null;
  readonly bodyPart: string | null;
  /** Every description, in lower case, words separated by single spaces, one space around. */
  readonly words: string;
  readonly plane: { readonly name: Plane; readonly obliquityDegrees: number } | null;
  readonly localizer: boolean;
  readonly derived: boolean;
  readonly burnedInAnnotation: boolean;
  readonly echoTime: number | null;
  readonly repetitionTime: number | null;
  /** Frames of all images. */
  readonly frames: number;
}

/**
 * Sums up a series. What most of its images say counts: one odd instance (a screenshot among 200
 * slices, a missing tag) neither makes nor spoils a series.
 */
export function seriesFacts(
  instances: readonly InstanceFacts[],
  kind: "dicom" | "image" = "dicom",
): SeriesFacts {
  const images = instances.filter((facts) => facts.hasPixelData && facts.frames > 0);
  const most = (holds: (facts: InstanceFacts) => boolean) =>
    images.filter(holds).length * 2 > images.length;
  const plane = commonest(images, (facts) => facts.plane?.name ?? null);
  const inPlane = images.flatMap((facts) => (facts.plane?.name === plane ? [facts.plane] : []));
  return {
    images,
    kind,
    ownOutput: instances.some((facts) => facts.ownOutput),
    modality: commonest(instances, (facts) => facts.modality),
    bodyPart: commonest(images, (facts) => facts.bodyPart),
    words: wordsOf(images),
    plane: plane === null ? null : middle(inPlane),
    localizer: most((facts) => facts.localizer),
    derived: most((facts) => facts.derived),
    burnedInAnnotation: most((facts) => facts.burnedInAnnotation === true),
    echoTime: commonest(images, (facts) => facts.echoTime),
    repetitionTime: commonest(images, (facts) => facts.repetitionTime),
    frames: images.reduce((sum, facts) => sum + facts.frames, 0),
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

function commonest<Value extends string | number>(
  instances: readonly InstanceFacts[],
  read: (facts: InstanceFacts) => Value | null,
): Value | null {
  const counts = new Map<Value, number>();
  for (const facts of instances) {
    const value = read(facts);
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  let best: Value | null = null;
  for (const [value, count] of counts) {
    if (best === null || count > (counts.get(best) ?? 0)) best = value;
  }
  return best;
}

/** The one of median obliquity. */
function middle(planes: readonly NonNullable<SeriesFacts["plane"]>[]): SeriesFacts["plane"] {
  const sorted = planes.toSorted((a, b) => a.obliquityDegrees - b.obliquityDegrees);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
