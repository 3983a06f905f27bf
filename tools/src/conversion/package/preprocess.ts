import { type ModelPackage, ModelPackageSchema, type Preprocessing } from "@axial/contracts";
import { type Static, Type } from "typebox";
import { NormalisationSchema } from "../normalisation.ts";

const { intensity, invertMonochrome1, resize } =
  ModelPackageSchema.properties.preprocessing.properties;

/** What `--preprocess` takes: what is left out is as in `USUAL`. */
export const PreprocessSchema = Type.Object(
  {
    normalise: Type.Optional(NormalisationSchema),
    intensity: Type.Optional(intensity),
    invertMonochrome1: Type.Optional(invertMonochrome1),
    resize: Type.Optional(resize.properties.policy),
  },
  { additionalProperties: false },
);
export type Preprocess = Static<typeof PreprocessSchema>;

/** The window that the file asks for; exports for training are mostly made with it. */
const USUAL = { intensity: { kind: "voi" }, invertMonochrome1: true, resize: "stretch" } as const;

/** Teachable Machine crops the middle square and resizes it. */
export const TEACHABLE_MACHINE: Preprocess = {
  normalise: "teachable-machine",
  resize: "centre-crop",
};

/** The manifest's preprocessing for an input of `channels`. */
export function preprocessingOf(
  asked: Preprocess,
  channels: ModelPackage["input"]["channels"],
): Preprocessing {
  return {
    intensity: asked.intensity ?? USUAL.intensity,
    invertMonochrome1: asked.invertMonochrome1 ?? USUAL.invertMonochrome1,
    resize: { policy: asked.resize ?? USUAL.resize, filter: "triangle" },
    channels: channels === 3 ? "rgb" : "grey",
  };
}
