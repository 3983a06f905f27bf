import { type Static, Type } from "typebox";

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

const ComparedModelSchema = Type.Object({ id: Type.String(), version: Type.String() });

/** Two versions on one head or marginal. */
const DistributionComparisonSchema = Type.Object({
  name: Type.String(),
  pairs: Type.Integer(),
  agreement: Type.Number({ description: "share of the pairs with the same label" }),
  kappa: Nullable(
    Type.Number({ description: "Cohen's kappa; null where chance alone agrees always" }),
  ),
  weightedKappa: Nullable(
    Type.Number({ description: "with squared distances; null where labels have no order" }),
  ),
  labels: Type.Array(Type.String()),
  confusion: Type.Array(Type.Array(Type.Integer()), {
    description: "rows are labels of the first version, columns of the second",
  }),
  meanChange: Type.Number({
    description: "mean change of the probability of the first version's label",
  }),
  largestChange: Type.Number(),
});
export type DistributionComparison = Static<typeof DistributionComparisonSchema>;

/** `GET /api/v1/backfills/{id}/comparison`: what two model versions answered for its studies. */
export const ComparisonSchema = Type.Object({
  a: ComparedModelSchema,
  b: ComparedModelSchema,
  studies: Type.Integer({ description: "of the backfill" }),
  pairs: Type.Integer({ description: "answers that both gave, each for the same series" }),
  onlyA: Type.Integer(),
  onlyB: Type.Integer(),
  distributions: Type.Array(DistributionComparisonSchema),
});
export type Comparison = Static<typeof ComparisonSchema>;

const SaidSchema = Type.Object({ label: Type.String(), probability: Type.Number() });

export const DisagreementSchema = Type.Object({
  study: Type.String({ description: "Study Instance UID" }),
  series: Type.String({ description: "Series Instance UID" }),
  distribution: Type.String(),
  a: SaidSchema,
  b: SaidSchema,
  links: Type.Object({ study: Type.String(), console: Type.String() }),
});
export type Disagreement = Static<typeof DisagreementSchema>;
