import { type Static, Type } from "typebox";
import { PLANES } from "./instance-facts.ts";
import type { PlanRefusalCode } from "./refusal.ts";

/**
 * Why slices of a series that was taken are left out: by a rule that would have refused the series
 * had it held for all of them, or because the series holds them more than once or beside the stack
 * that the model sees.
 */
export const EXCLUSIONS = {
  "other-stack": "belongs to another stack than the one that was chosen",
  "no-position": "has no position among slices that have one",
  "duplicate-place": "lies where another slice with the same pixels lies",
  "repeated-place": "lies where a later slice with other pixels lies",
  "ambiguous-place": "lies where another slice with other pixels and the same number lies",
} as const;
export type ExclusionReason = keyof typeof EXCLUSIONS | PlanRefusalCode;

const SLICE_ORDERS = ["position", "instance-number", "none"] as const;

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** The stack that a model was shown, and what of its series it was not. */
const StackSummarySchema = Type.Object({
  places: Type.Integer({ description: "places from which the package's rule chose the slices" }),
  order: Type.Enum([...SLICE_ORDERS], { description: "none: the model needs no order" }),
  plane: Nullable(Type.Enum([...PLANES])),
  spacing: Nullable(Type.Number({ description: "median distance between places, in millimetres" })),
});

/** Fields of a task's input and of its result; absent in those of version 0.1. */
export const selectionProperties = {
  stack: Type.Optional(StackSummarySchema),
  excluded: Type.Optional(
    Type.Record(Type.String(), Type.Integer({ minimum: 1 }), {
      description:
        "reason → slices of the series left out; those that the slice rule did not choose are not among them",
    }),
  ),
  laterality: Type.Optional(
    Type.Union([Type.String(), Type.Null()], {
      description: "ImageLaterality, else Laterality, where the slices agree",
    }),
  ),
};
const SelectionSchema = Type.Required(Type.Object(selectionProperties));
export type Selection = Static<typeof SelectionSchema>;

/** What every rendering says about slices that were left out; null if none were. */
export function exclusionStatement(excluded: Selection["excluded"] | undefined): string | null {
  const counts = Object.entries(excluded ?? {});
  if (counts.length === 0) return null;
  return `Left out: ${counts.map(([reason, slices]) => `${slices} ${reason}`).join(", ")}.`;
}
