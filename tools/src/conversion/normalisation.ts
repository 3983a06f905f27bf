import { AxialError } from "@axial/contracts";
import { type Static, Type } from "typebox";

/** Names for what networks are commonly fed: level x of 0…255 becomes x·multiply + add. */
const PRESETS = {
  bytes: { multiply: [1], add: [0] },
  unit: { multiply: [1 / 255], add: [0] },
  signed: { multiply: [2 / 255], add: [-1] },
  /** As the library of Teachable Machine does it: 255 becomes 1.008. */
  "teachable-machine": { multiply: [1 / 127], add: [-1] },
  imagenet: meanAndDeviation([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
} as const;

export const NormalisationSchema = Type.Union([
  Type.Enum(Object.keys(PRESETS) as (keyof typeof PRESETS)[]),
  Type.Object(
    {
      mean: Type.Array(Type.Number(), { minItems: 1, maxItems: 3 }),
      deviation: Type.Array(Type.Number({ exclusiveMinimum: 0 }), { minItems: 1, maxItems: 3 }),
    },
    { additionalProperties: false, description: "of levels divided by 255" },
  ),
]);
export type NormalisationChoice = Static<typeof NormalisationSchema>;

/** One number for all channels, or one for each. */
export interface Normalisation {
  readonly multiply: readonly number[];
  readonly add: readonly number[];
}

/**
 * The numbers for an input of `channels`. Throws `invalid-request` when they are for another count.
 */
export function normalisationOf(described: NormalisationChoice, channels: number): Normalisation {
  const { multiply, add } =
    typeof described === "string"
      ? PRESETS[described]
      : meanAndDeviation(described.mean, described.deviation);
  for (const list of [multiply, add]) {
    if (list.length === 1 || list.length === channels) continue;
    throw new AxialError("invalid-request", {
      detail: `normalisation for ${list.length} channels; the input has ${channels}`,
    });
  }
  return { multiply, add };
}

function meanAndDeviation(mean: readonly number[], deviation: readonly number[]): Normalisation {
  const count = Math.max(mean.length, deviation.length);
  const at = (list: readonly number[], index: number) => list[index] ?? list[0] ?? 0;
  const channels = Array.from({ length: count }, (_, index) => index);
  return {
    multiply: channels.map((index) => 1 / (255 * at(deviation, index))),
    add: channels.map((index) => -at(mean, index) / at(deviation, index)),
  };
}
