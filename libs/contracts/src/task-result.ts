import { hash } from "node:crypto";
import { type Static, Type } from "typebox";
import { CertaintySchema, INDETERMINATE } from "./abstention.ts";
import { EvidenceSchema } from "./evidence.ts";
import { type BlobKey, BlobKeySchema, TaskIdSchema } from "./ids.ts";
import { TurnSchema } from "./orientation.ts";
import { selectionProperties } from "./selection.ts";
import type { TaskInput } from "./task-input.ts";

const Probability = Type.Number({ minimum: 0, maximum: 1 });

/** A distribution over the labels of one head or marginal. */
export const DistributionSchema = Type.Object({
  name: Type.String(),
  kind: Type.Enum(["head", "marginal"]),
  label: Type.String({
    description: "id of the most probable label; `indeterminate` where the model abstains",
  }),
  display: Type.String(),
  probability: Type.Number({ ...Probability, description: "of the most probable label" }),
  probabilities: Type.Record(Type.String(), Probability),
});
export type Distribution = Static<typeof DistributionSchema>;

const SliceResultSchema = Type.Object({
  sopInstanceUid: Type.String(),
  frame: Type.Integer({ minimum: 0 }),
  probabilities: Type.Record(Type.String(), Type.Array(Probability), {
    description: "head name → probability of each label, in the order of `labels`",
  }),
  domainDistance: Type.Optional(
    Type.Number({ minimum: 0, description: "from the images that the model knows" }),
  ),
  turn: Type.Optional(TurnSchema),
  heatmap: Type.Optional(
    Type.Unsafe<BlobKey>({
      ...BlobKeySchema,
      description:
        "heat-map blob of the task (see heat-maps.ts); the slice's map lies in it at the slice's own position in `slices`",
    }),
  ),
});

/** A slice that could not be used while the rest of its series could. */
const SkippedSliceSchema = Type.Object({
  sopInstanceUid: Type.String(),
  frame: Type.Integer({ minimum: 0 }),
  code: Type.String(),
});

/** Whether a series resembles what the model was trained on. */
const DomainAssessmentSchema = Type.Object({
  inDomain: Type.Boolean({ description: "false when the distance is beyond the threshold" }),
  distance: Type.Number({ minimum: 0, description: "median of the slices' distances" }),
  threshold: Type.Number({ exclusiveMinimum: 0 }),
  falseAlarmRate: Type.Number({ description: "of single slices, on the model's validation data" }),
  slicesBeyond: Type.Integer({ minimum: 0, description: "slices beyond the threshold" }),
});
export type DomainAssessment = Static<typeof DomainAssessmentSchema>;

/** The statement that every rendering carries for out-of-domain images; null otherwise. */
export function domainStatement(assessment: DomainAssessment | undefined): string | null {
  if (assessment === undefined || assessment.inDomain) return null;
  const { distance, threshold } = assessment;
  const unlike = "Out of domain: the images are unlike those that the model was trained on";
  return `${unlike} (distance ${distance.toFixed(2)}, threshold ${threshold.toFixed(2)}).`;
}

const Milliseconds = Type.Number({ minimum: 0 });

/** Time by stage, as far as the engine knows it; wait and persist are added by others. */
export const StageTimingsSchema = Type.Object({
  decode: Milliseconds,
  batchWait: Milliseconds,
  infer: Milliseconds,
  total: Milliseconds,
});
export type StageTimings = Static<typeof StageTimingsSchema>;

/** Brightness of what the network is shown: 0 is black, 1 white. */
const InputFiguresSchema = Type.Object({
  mean: Type.Number({ minimum: 0, maximum: 1 }),
  deviation: Type.Number({ minimum: 0, maximum: 1, description: "standard deviation" }),
});
export type InputFigures = Static<typeof InputFiguresSchema>;

/**
 * The result blob of a task: written by the engine, read by the recorder. Same bytes, same model
 * version, same provider: the same numbers (invariant 10).
 */
export const TaskResultSchema = Type.Object({
  schemaVersion: Type.Literal(1),
  task: TaskIdSchema,
  model: Type.Object({
    id: Type.String(),
    version: Type.String(),
    sha256: Type.String(),
    evidence: EvidenceSchema,
  }),
  provider: Type.String({
    pattern: "^[a-z0-9-]{1,32}$",
    description: "execution provider that actually ran: cpu, cuda, webgpu …",
  }),
  preprocessingHash: Type.String(),
  inputHash: Type.String({ description: "SHA-256 over the blob keys and frames, in slice order" }),
  /** Head name → ids of its labels, in the order of each slice's probabilities. */
  labels: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String()))),
  distributions: Type.Array(DistributionSchema, { minItems: 1 }),
  /** Absent for a model without a domain output. */
  domain: Type.Optional(DomainAssessmentSchema),
  /** Mean over the slices; absent for a network that is not shown bytes, and before 0.1. */
  input: Type.Optional(InputFiguresSchema),
  /** Absent where the model never abstains. */
  certainty: Type.Optional(Type.Array(CertaintySchema)),
  ...selectionProperties,
  slices: Type.Array(SliceResultSchema, { minItems: 1 }),
  skipped: Type.Array(SkippedSliceSchema),
  timings: StageTimingsSchema,
  batchSizes: Type.Array(Type.Integer({ minimum: 1 })),
});
export type TaskResult = Static<typeof TaskResultSchema>;

/** Names the bytes that a result is about: SHA-256 over blob keys and frames, in slice order. */
export function inputHashOf({ slices }: Pick<TaskInput, "slices">): string {
  return hash("sha256", slices.map(({ blob, frame }) => `${blob} ${frame}\n`).join(""));
}

/** Whether a result has a label, or the model could not tell. */
export function outcomeOf({
  distributions: [first],
}: Pick<TaskResult, "distributions">): "finding" | "indeterminate" {
  return first?.label === INDETERMINATE ? "indeterminate" : "finding";
}
