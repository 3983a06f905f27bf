import { type Static, Type } from "typebox";

const Share = Type.Number({ minimum: 0, maximum: 1 });

/**
 * When a model says of a series that it cannot tell: a threshold is crossed. Each is optional; a
 * rule without thresholds never abstains. The thresholds are set on validation data.
 */
export const AbstentionRuleSchema = Type.Object({
  distribution: Type.String({
    description: "name of a head or marginal; the head and its marginals abstain together",
  }),
  minimumAgreement: Type.Optional(
    Type.Number({
      ...shareOf(
        "share of the slices whose own most probable label is the series'; below abstains",
      ),
    }),
  ),
  maximumEntropy: Type.Optional(
    Type.Number({
      ...shareOf(
        "entropy of the series' distribution divided by that of an even one; above abstains",
      ),
    }),
  ),
  minimumMargin: Type.Optional(
    Type.Number({
      ...shareOf("most probable minus second most probable label of the series; below abstains"),
    }),
  ),
  measuredOn: Type.String({ minLength: 1 }),
});
export type AbstentionRule = Static<typeof AbstentionRuleSchema>;

function shareOf(description: string) {
  return { minimum: 0, maximum: 1, description };
}

const ABSTENTION_REASONS = ["agreement", "entropy", "margin"] as const;
export type AbstentionReason = (typeof ABSTENTION_REASONS)[number];

/** How sure a series' distribution is, and whether that is sure enough. */
export const CertaintySchema = Type.Object({
  distribution: Type.String(),
  /** The label that would have been given. */
  leading: Type.String({ description: "id of the most probable label" }),
  agreement: Share,
  entropy: Share,
  margin: Share,
  /** Thresholds that were crossed; none: the label is given. */
  crossed: Type.Array(Type.Enum([...ABSTENTION_REASONS])),
});
export type Certainty = Static<typeof CertaintySchema>;

/** The label of a distribution over which the model abstains; no model has a label of that name. */
export const INDETERMINATE = "indeterminate";
export const INDETERMINATE_DISPLAY = "Indeterminate";

/** What every rendering says of a distribution that the model abstains over; else null. */
export function abstentionStatement(certainty: readonly Certainty[] | undefined): string | null {
  const open = (certainty ?? []).filter(({ crossed }) => crossed.length > 0);
  if (open.length === 0) return null;
  return open
    .map(
      ({ distribution, crossed, ...figures }) =>
        `Indeterminate: ${distribution} cannot be told (${crossed
          .map((reason) => `${reason} ${figures[reason].toFixed(2)}`)
          .join(", ")}).`,
    )
    .join(" ");
}
