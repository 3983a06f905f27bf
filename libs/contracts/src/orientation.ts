import { type Static, Type } from "typebox";

/**
 * How the pixels that a model sees lie: `radiological` as radiologists hang them, whichever way
 * they were stored (axial: the patient's right at the left, front on top; coronal: the patient's
 * right at the left, head on top; sagittal: front at the left, head on top), or as they are stored.
 */
const PIXEL_ORIENTATIONS = ["radiological", "as-stored"] as const;
export type PixelOrientation = (typeof PIXEL_ORIENTATIONS)[number];
export const PixelOrientationSchema = Type.Enum([...PIXEL_ORIENTATIONS]);

/**
 * How a stored slice was turned for the model, in the terms of PS3.3 C.10.6: rotated clockwise,
 * then mirrored left to right where `flipped`.
 */
export const TurnSchema = Type.Object({
  rotation: Type.Union([Type.Literal(0), Type.Literal(90), Type.Literal(180), Type.Literal(270)], {
    description: "degrees clockwise",
  }),
  flipped: Type.Boolean({ description: "mirrored left to right after the rotation" }),
});
export type Turn = Static<typeof TurnSchema>;
