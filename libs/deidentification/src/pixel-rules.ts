import { type DataSet, dictionaryEntry, Tag, tagOfKeyword } from "@axial/dicom";
import { type Static, Type } from "typebox";

/** A rectangle in pixels, from the upper left corner. */
const RectangleSchema = Type.Object(
  {
    x: Type.Integer({ minimum: 0 }),
    y: Type.Integer({ minimum: 0 }),
    width: Type.Integer({ minimum: 1 }),
    height: Type.Integer({ minimum: 1 }),
  },
  { additionalProperties: false },
);
export type Rectangle = Static<typeof RectangleSchema>;

/** Where images of a kind have text burned in; no rectangle says that they have none. */
export const PixelRuleSchema = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    when: Type.Record(Type.String({ pattern: "^[A-Z][A-Za-z0-9]*$" }), Type.String(), {
      minProperties: 1,
      description: "DICOM keyword → text that its value has, in any case; all of them",
    }),
    blank: Type.Array(RectangleSchema),
  },
  { additionalProperties: false },
);
export type PixelRule = Static<typeof PixelRuleSchema>;

/** A list of regions, as a site keeps it in a file. */
export const PixelRulesSchema = Type.Array(PixelRuleSchema);

/**
 * What to do about an image's pixels: nothing, blank rectangles, or refuse it, because text is
 * likely and no rule says where.
 */
export type PixelDecision =
  | { readonly status: "clean" }
  | { readonly status: "blank"; readonly rectangles: readonly Rectangle[] }
  | { readonly status: "unknown" };

/** Modalities whose images carry their patient's name by habit. */
const RISKY_MODALITIES = new Set(["US", "ES", "XC", "OT", "SC", "IVUS", "GM", "OP", "SM"]);
/** Secondary Capture Image Storage and its multi-frame relatives (PS3.4 B.5). */
const SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7";
const RISKY_IMAGE_TYPES = ["SCREEN SAVE", "SCREEN", "DOSE", "REPORT"];

/** Judges an image by all rules that fit it; without pixels there is nothing to judge. */
export function pixelDecision(dataset: DataSet, rules: readonly PixelRule[]): PixelDecision {
  if (!dataset.has(Tag.PixelData)) return { status: "clean" };
  const fitting = rules.filter(({ when }) => fits(dataset, when));
  const rectangles = fitting.flatMap(({ blank }) => blank);
  if (rectangles.length > 0) return { status: "blank", rectangles };
  if (fitting.length > 0) return { status: "clean" };
  return isRisky(dataset) ? { status: "unknown" } : { status: "clean" };
}

function fits(dataset: DataSet, when: PixelRule["when"]): boolean {
  return Object.entries(when).every(([keyword, wanted]) => {
    const tag = tagOfKeyword(keyword);
    if (tag === null) return false;
    return valueText(dataset, tag).toLowerCase().includes(wanted.toLowerCase());
  });
}

function valueText(dataset: DataSet, tag: number): string {
  const vr = dictionaryEntry(tag)?.vr ?? "";
  if (vr === "US" || vr === "UL" || vr === "SS" || vr === "SL") {
    return dataset.numbers(tag).join("\\");
  }
  return dataset.text(tag) ?? "";
}

function isRisky(dataset: DataSet): boolean {
  const burnedIn = dataset.string(Tag.BurnedInAnnotation)?.toUpperCase();
  if (burnedIn === "NO") return false;
  if (burnedIn === "YES") return true;
  const types = dataset.strings(Tag.ImageType);
  return (
    RISKY_MODALITIES.has(dataset.string(Tag.Modality) ?? "") ||
    (dataset.string(Tag.SopClassUid) ?? "").startsWith(SECONDARY_CAPTURE) ||
    types.some((type) => RISKY_IMAGE_TYPES.includes(type))
  );
}
