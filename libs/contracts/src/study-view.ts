import { type Static, Type } from "typebox";
import { TaskArmSchema } from "./canary.ts";
import { EvidenceSchema } from "./evidence.ts";
import { LaneSchema } from "./lane.ts";
import { RefusalFactsSchema } from "./refusal.ts";
import { selectionProperties } from "./selection.ts";
import { RunStateSchema, StudyStateSchema, TaskStateSchema } from "./states.ts";
import { StageTimingsSchema, TaskResultSchema } from "./task-result.ts";

const Timestamp = Type.String({ format: "date-time" });
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

const HeatmapLinkSchema = Type.Object({
  slice: Type.Integer({ description: "index into slices" }),
  href: Type.String({ description: "PNG: the slice with the class map over it" }),
});

export const PredictionViewSchema = Type.Object({
  id: Type.String(),
  series: Type.String({ description: "Series Instance UID" }),
  model: Type.Object({
    id: Type.String(),
    version: Type.String(),
    sha256: Type.String(),
    evidence: EvidenceSchema,
    statement: Type.String({ description: "what the evidence level means, in words" }),
  }),
  distributions: TaskResultSchema.properties.distributions,
  labels: TaskResultSchema.properties.labels,
  outcome: Type.Enum(["finding", "indeterminate"], {
    description: "indeterminate: the slices do not agree on a label",
  }),
  domain: TaskResultSchema.properties.domain,
  certainty: TaskResultSchema.properties.certainty,
  ...selectionProperties,
  slices: TaskResultSchema.properties.slices,
  skipped: TaskResultSchema.properties.skipped,
  heatmaps: Type.Array(HeatmapLinkSchema),
  provider: Type.String(),
  arm: Nullable(TaskArmSchema),
  inputHash: Type.String(),
  preprocessingHash: Type.String(),
  timings: Type.Intersect([
    StageTimingsSchema,
    Type.Object({ wait: Type.Number(), persist: Type.Number() }),
  ]),
  createdAt: Timestamp,
});
export type PredictionView = Static<typeof PredictionViewSchema>;

export const RefusalViewSchema = Type.Object({
  series: Nullable(Type.String()),
  model: Nullable(Type.String()),
  code: Type.String(),
  title: Type.String(),
  facts: RefusalFactsSchema,
});
export type RefusalView = Static<typeof RefusalViewSchema>;

const TaskViewSchema = Type.Object({
  id: Type.String(),
  series: Type.String(),
  model: Type.String(),
  modelVersion: Type.String(),
  state: TaskStateSchema,
  attempt: Type.Integer(),
  errorCode: Nullable(Type.String()),
});

const RunViewSchema = Type.Object({
  number: Type.Integer(),
  reason: Type.String(),
  state: RunStateSchema,
  current: Type.Boolean({ description: "the newest run that has an answer, else the newest" }),
  createdAt: Timestamp,
  completedAt: Nullable(Timestamp),
  tasks: Type.Array(TaskViewSchema),
  predictions: Type.Array(PredictionViewSchema),
  refusals: Type.Array(RefusalViewSchema),
});
export type RunView = Static<typeof RunViewSchema>;

const FailureViewSchema = Type.Object({
  run: Type.Integer(),
  task: Type.String({ description: "as `axial dlq` names it" }),
  series: Type.String({ description: "Series Instance UID" }),
  model: Type.String(),
  code: Type.String(),
});

const RerunViewSchema = Type.Object(
  {
    run: Type.Integer(),
    state: Type.Enum(["running", "rerun failed"]),
    reason: Type.Optional(Type.Enum(["cancelled", "all its tasks died"])),
  },
  { description: "a run after the current one that has no answer (yet)" },
);

/** `GET /api/v1/studies/{study}`. `predictions` and `refusals` are those of the current run. */
export const StudyViewSchema = Type.Object(
  {
    study: Type.String({ description: "Study Instance UID" }),
    state: StudyStateSchema,
    lane: LaneSchema,
    instances: Type.Integer(),
    expectedInstances: Nullable(Type.Integer()),
    receivedAt: Timestamp,
    closedAt: Nullable(Timestamp),
    completedAt: Nullable(Timestamp),
    held: Nullable(
      Type.Object(
        { reason: Type.Literal("identity-conflict"), since: Timestamp },
        { description: "its instances name several patients: see GET …/resolve" },
      ),
    ),
    hold: Nullable(
      Type.Object({ since: Timestamp, reason: Type.String() }, { description: "legal hold" }),
    ),
    imagesRemovedAt: Type.Union([Timestamp, Type.Null()], {
      description: "when retention removed its images; later ones are still there",
    }),
    series: Type.Array(
      Type.Object({
        series: Type.String(),
        modality: Nullable(Type.String()),
        instances: Type.Integer(),
      }),
    ),
    predictions: Type.Array(PredictionViewSchema),
    refusals: Type.Array(RefusalViewSchema),
    failures: Type.Array(FailureViewSchema, {
      description: "tasks of the current and the newest run that died without an answer",
    }),
    rerun: Nullable(RerunViewSchema),
    runs: Type.Array(RunViewSchema),
  },
  { title: "Study" },
);
export type StudyView = Static<typeof StudyViewSchema>;
