import { type Static, Type } from "typebox";
import { ERROR_CATALOGUE, isErrorCode } from "./errors.ts";

/** Why a series is not classified by a model: decided by the planner from the tags alone. */
export const PLAN_REFUSALS = {
  "wrong-modality": "The modality is not one that the model was trained on.",
  "wrong-body-part": "The body part is not the model's.",
  "unknown-body-part": "Neither tags nor descriptions say which body part it is.",
  "wrong-plane": "The imaging plane is not one that the model was trained on.",
  "unknown-plane": "ImageOrientationPatient is missing, and the model needs a known plane.",
  "oblique-plane": "The slices are more oblique than the model allows.",
  "wrong-sequence": "The pulse sequence is not one that the model was trained on.",
  "unknown-sequence": "Nothing says which pulse sequence it is, and the model needs to know.",
  "wrong-image-type": "ImageType says that the images are not of the kind that the model takes.",
  "unknown-orientation":
    "Neither ImageOrientationPatient nor PatientOrientation says how the images are oriented.",
  "ambiguous-stack":
    "The series holds several stacks of slices, and nothing says which one the model should see.",
  "undefined-slice-order":
    "Neither positions nor instance numbers order the slices, and the model needs an order.",
  "unknown-spacing":
    "The model selects slices by millimetres, and nothing says how far apart they are.",
  "too-few-slices": "The series has fewer slices that fit than the model needs.",
  localizer: "The images are localisers.",
  "derived-image": "The images are derived or secondary captures.",
  "burned-in-annotation": "The images carry burned-in annotation.",
  "study-too-large":
    "Of one study 100,000 slices and frames in 1,000 series are planned, the smaller ones first; this is beyond.",
  "no-image": "The series holds no image instances.",
  "own-output": "The series was made by Axial.",
  "no-matching-model": "No installed model takes this series.",
  "planning-failed": "Axial could not plan the study for an hour, because of an internal fault.",
} as const;
export type PlanRefusalCode = keyof typeof PLAN_REFUSALS;

/**
 * A refusal's code in words: a plan refusal, or an error in the input; generic for a code from
 * another version.
 */
export function refusalTitle(code: string): string {
  if (Object.hasOwn(PLAN_REFUSALS, code)) return PLAN_REFUSALS[code as PlanRefusalCode];
  if (isErrorCode(code)) return ERROR_CATALOGUE[code].title;
  return "The series was not classified.";
}

/** The facts that led to a refusal: non-identifying tag values, and the requirement. */
export const RefusalFactsSchema = Type.Record(
  Type.String(),
  Type.Union([
    Type.String(),
    Type.Number(),
    Type.Boolean(),
    Type.Null(),
    Type.Array(Type.String()),
  ]),
);
export type RefusalFacts = Static<typeof RefusalFactsSchema>;
