import { type Static, Type } from "typebox";
import { DistributionSchema } from "./task-result.ts";

/** `running` until every item has an end; paused and cancelled by request. */
export const BACKFILL_STATES = ["running", "paused", "cancelled", "done"] as const;
export type BackfillState = (typeof BACKFILL_STATES)[number];

/**
 * An item is a study. waiting (its images are not here) → sent (they are) → running (closed for
 * planning) → done | refused | failed; skipped: the same model versions had answered before, or the
 * backfill was cancelled.
 */
export const BACKFILL_ITEM_STATES = [
  "waiting",
  "sent",
  "running",
  "done",
  "refused",
  "failed",
  "skipped",
] as const;
export type BackfillItemState = (typeof BACKFILL_ITEM_STATES)[number];

/**
 * `sent`: a client stores the studies. `stored`: those that Axial has and a filter finds. `pulled`:
 * those that a filter finds in a source (`/api/v1/sources`).
 */
export const BACKFILL_SOURCES = ["sent", "stored", "pulled"] as const;
export type BackfillSource = (typeof BACKFILL_SOURCES)[number];

const DICOM_DATE = "^[0-9]{8}$";

/** Which of the stored studies; a study without a date is outside every range. */
export const BackfillFilterSchema = Type.Object(
  {
    modality: Type.Optional(Type.String({ pattern: "^[A-Z0-9_ ]{1,16}$" })),
    from: Type.Optional(Type.String({ pattern: DICOM_DATE, description: "study date, from" })),
    to: Type.Optional(Type.String({ pattern: DICOM_DATE, description: "study date, to" })),
    description: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: "part of the study description" }),
    ),
  },
  { additionalProperties: false },
);
export type BackfillFilter = Static<typeof BackfillFilterSchema>;

/** Hours of the day in which items are started, over midnight too: "19:00-06:00". */
export const WINDOW_PATTERN = "^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$";

const Counts = Type.Object(
  Object.fromEntries(BACKFILL_ITEM_STATES.map((state) => [state, Type.Integer()])) as Record<
    BackfillItemState,
    ReturnType<typeof Type.Integer>
  >,
);

const Timestamp = Type.String({ format: "date-time" });
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const BackfillSummarySchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  source: Type.Enum([...BACKFILL_SOURCES]),
  filter: BackfillFilterSchema,
  models: Nullable(Type.Array(Type.String())),
  state: Type.Enum([...BACKFILL_STATES]),
  listed: Type.Boolean({ description: "every item of its source is known" }),
  window: Nullable(Type.String()),
  timeZone: Type.String(),
  ratePerMinute: Nullable(Type.Integer()),
  createdAt: Timestamp,
  finishedAt: Nullable(Timestamp),
});
export type BackfillSummary = Static<typeof BackfillSummarySchema>;

export const BackfillItemSchema = Type.Object({
  id: Type.String(),
  study: Type.String({ description: "Study Instance UID" }),
  state: Type.Enum([...BACKFILL_ITEM_STATES]),
  code: Nullable(Type.String()),
  attempts: Type.Integer(),
  createdAt: Timestamp,
  startedAt: Nullable(Timestamp),
  finishedAt: Nullable(Timestamp),
});
export type BackfillItemView = Static<typeof BackfillItemSchema>;

/** A backfill with how it goes. */
export const BackfillViewSchema = Type.Intersect([
  BackfillSummarySchema,
  Type.Object({
    items: Counts,
    perMinute: Type.Object({
      now: Type.Number({ description: "items finished a minute, over the last five" }),
      average: Type.Number({ description: "since the first one started" }),
    }),
    etaSeconds: Nullable(Type.Number()),
    reasons: Type.Array(
      Type.Object({
        state: Type.Enum([...BACKFILL_ITEM_STATES]),
        code: Type.String(),
        items: Type.Integer(),
      }),
      { description: "the most frequent codes" },
    ),
    slowest: Type.Array(Type.Object({ study: Type.String(), seconds: Type.Number() })),
    finished: Type.Array(Type.Integer(), {
      description: "items finished in each of the last 60 minutes, oldest first",
    }),
  }),
]);
export type BackfillView = Static<typeof BackfillViewSchema>;

export const BackfillEstimateSchema = Type.Object({
  studies: Type.Integer(),
  series: Type.Integer(),
  instances: Type.Integer(),
  bytes: Nullable(
    Type.Number({
      description: "of a source uncompressed, by a sample; null where it does not say",
    }),
  ),
  answered: Type.Integer({
    description: "studies that the same model versions have answered, which would be skipped",
  }),
  sampled: Type.Integer({ description: "studies that tasks and refusals were decided for" }),
  tasks: Type.Array(Type.Object({ model: Type.String(), tasks: Type.Integer() })),
  refusals: Type.Array(
    Type.Object({ model: Nullable(Type.String()), code: Type.String(), series: Type.Integer() }),
  ),
  hours: Nullable(
    Type.Number({
      description: "at the rate of the last predictions; null where none was made for a day",
    }),
  ),
});
export type BackfillEstimate = Static<typeof BackfillEstimateSchema>;

/** One answer of a backfill, or what stands in its place: a row per study and model. */
export const BackfillResultSchema = Type.Object({
  study: Type.String(),
  state: Type.Enum([...BACKFILL_ITEM_STATES]),
  outcome: Type.Enum(["prediction", "refusal", "failure", "none"], {
    description: "none: the study has no answer (yet); `code` says why where that is known",
  }),
  series: Nullable(Type.String()),
  code: Nullable(Type.String({ description: "of a refusal, a failure or the item" })),
  patientId: Nullable(Type.String()),
  accession: Nullable(Type.String()),
  studyDate: Nullable(Type.String()),
  modality: Nullable(Type.String()),
  manufacturer: Nullable(Type.String()),
  scanner: Nullable(Type.String({ description: "manufacturer's model name" })),
  site: Nullable(Type.String({ description: "institution name of the series" })),
  lane: Nullable(Type.String()),
  model: Nullable(Type.String()),
  version: Nullable(Type.String()),
  sha256: Nullable(Type.String()),
  label: Nullable(Type.String()),
  display: Nullable(Type.String()),
  probability: Nullable(Type.Number()),
  probabilities: Nullable(Type.Record(Type.String(), Type.Number())),
  further: Nullable(
    Type.Array(DistributionSchema, { description: "further heads and marginals of the model" }),
  ),
  concept: Nullable(Type.String({ description: "the label's code, as SCT:126952004" })),
  provider: Nullable(Type.String()),
  waitMs: Nullable(Type.Number({ description: "from the plan until a worker took it" })),
  decodeMs: Nullable(Type.Number()),
  batchWaitMs: Nullable(Type.Number({ description: "until there was room in a batch" })),
  inferMs: Nullable(Type.Number()),
  totalMs: Nullable(Type.Number({ description: "of the engine, its parts included" })),
  persistMs: Nullable(Type.Number({ description: "from the engine's result to its commit" })),
  answeredAt: Nullable(Timestamp),
});
export type BackfillResult = Static<typeof BackfillResultSchema>;
