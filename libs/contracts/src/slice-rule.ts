import { type Static, type TSchema, Type } from "typebox";

const Count = Type.Integer({ minimum: 1 });
const Fraction = Type.Number({ minimum: 0, maximum: 1 });

/** For planes in which the part lies elsewhere; only where positions order the slices. */
const byPlane = <T extends TSchema>(part: T) =>
  Type.Optional(
    Type.Object({
      axial: Type.Optional(part),
      coronal: Type.Optional(part),
      sagittal: Type.Optional(part),
    }),
  );

const spreadPart = { from: Fraction, to: Fraction };

const windowPart = {
  millimetres: Type.Number({ exclusiveMinimum: 0, description: "width of the window" }),
  centre: Fraction,
  offset: Type.Optional(
    Type.Number({
      description: "millimetres from there to the middle, e.g. -70 for below the top",
    }),
  ),
};
export type WindowPart = Static<ReturnType<typeof Type.Object<typeof windowPart>>>;

/**
 * Which slices of a stack go into the model. Counted are places, not instances; the order is
 * anatomical, whichever way the slices were stored: axial slices from the feet to the head,
 * sagittal ones from the patient's right to the left, coronal ones from front to back. Fractions
 * are of the extent between the first and the last place, 0 the first.
 */
export const SliceRuleSchema = Type.Union([
  Type.Object({ kind: Type.Literal("all"), max: Count }),
  Type.Object({ kind: Type.Literal("central"), count: Count }),
  Type.Object({ kind: Type.Literal("single") }),
  Type.Object(
    {
      kind: Type.Literal("spread"),
      count: Count,
      ...spreadPart,
      byPlane: byPlane(Type.Object(spreadPart)),
    },
    { description: "at most `count`, evenly over the extent from `from` to `to`" },
  ),
  Type.Object(
    {
      kind: Type.Literal("window"),
      count: Count,
      ...windowPart,
      byPlane: byPlane(Type.Object(windowPart)),
    },
    { description: "at most `count`, evenly over `millimetres` around `centre` plus `offset`" },
  ),
]);
export type SliceRule = Static<typeof SliceRuleSchema>;

/** The most slices that a rule chooses. */
export function mostSlices(rule: SliceRule): number {
  switch (rule.kind) {
    case "all":
      return rule.max;
    case "central":
    case "spread":
    case "window":
      return rule.count;
    case "single":
      return 1;
  }
}

/**
 * How one of several stacks is chosen, each step among those that the steps before left:
 * `shortest-echo`, `longest-echo` by EchoTime; `lowest-b-value`, `highest-b-value` by
 * DiffusionBValue; `first-time`, `last-time` by temporal position or acquisition number;
 * `dominant` where one stack has at least twice as many places as every other. A step that cannot
 * tell the stacks apart leaves them all. A series of which more than one is left at the end is
 * refused with `ambiguous-stack`.
 */
const STACK_CHOICES = [
  "shortest-echo",
  "longest-echo",
  "lowest-b-value",
  "highest-b-value",
  "first-time",
  "last-time",
  "dominant",
] as const;
export type StackChoice = (typeof STACK_CHOICES)[number];

export const StackChoicesSchema = Type.Array(Type.Enum([...STACK_CHOICES]));

/** What holds for a package that does not say. */
export const DEFAULT_STACK_CHOICES: readonly StackChoice[] = ["dominant"];
