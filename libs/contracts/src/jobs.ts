import { type Static, Type } from "typebox";
import { BlobKeySchema, TaskIdSchema } from "./ids.ts";
import { LANES, type Lane, LaneSchema } from "./lane.ts";

/**
 * The catalogue of what crosses the queue: opaque ids only, each payload under
 * `MAX_JOB_PAYLOAD_BYTES` (invariant 4). A field may be added as optional; none may change its
 * meaning, because old and new versions run side by side during a rollout.
 */
export const MAX_JOB_PAYLOAD_BYTES = 1024;

/** One attempt at one task: series × model. `attempt` is the fencing token. */
export const InferJobSchema = Type.Object({
  task: TaskIdSchema,
  attempt: Type.Integer({ minimum: 1 }),
  /** The blob of the `TaskInput`. Named before that type was; old and new versions share it. */
  manifest: BlobKeySchema,
  lane: LaneSchema,
  model: Type.String({ maxLength: 63 }),
  /** Epoch milliseconds at which the dispatcher put it on the queue. */
  dispatchedAt: Type.Integer({ minimum: 0 }),
  /** Runs alone in its batch: it was in a batch that killed an engine. */
  isolate: Type.Optional(Type.Boolean()),
});
export type InferJob = Static<typeof InferJobSchema>;

/** The lane that an attempt was dispatched in. */
const AttemptLaneSchema = Type.Optional(LaneSchema);

/** How an attempt ended, or what a worker says of itself. */
export const ResultMessageSchema = Type.Union([
  Type.Object({
    kind: Type.Literal("done"),
    task: TaskIdSchema,
    attempt: Type.Integer({ minimum: 1 }),
    lane: AttemptLaneSchema,
    result: BlobKeySchema,
    /** Epoch milliseconds at which the supervisor took the job. */
    takenAt: Type.Integer({ minimum: 0 }),
    finishedAt: Type.Integer({ minimum: 0 }),
  }),
  Type.Object({
    kind: Type.Literal("refused"),
    task: TaskIdSchema,
    attempt: Type.Integer({ minimum: 1 }),
    lane: AttemptLaneSchema,
    code: Type.String({ maxLength: 63 }),
    detail: Type.Optional(Type.String({ maxLength: 300 })),
  }),
  Type.Object({
    kind: Type.Literal("failed"),
    task: TaskIdSchema,
    attempt: Type.Integer({ minimum: 1 }),
    lane: AttemptLaneSchema,
    code: Type.String({ maxLength: 63 }),
    detail: Type.Optional(Type.String({ maxLength: 300 })),
    /** The engine died or hung with this task in it: the next attempt runs alone. */
    isolate: Type.Optional(Type.Boolean()),
  }),
  Type.Object({
    kind: Type.Literal("worker"),
    worker: Type.String({ maxLength: 63 }),
    /** Jobs that the worker is willing to hold, per lane. */
    capacity: Type.Integer({ minimum: 0 }),
    /** The lanes that it serves; every one where it does not say. */
    lanes: Type.Optional(Type.Array(LaneSchema, { minItems: 1, maxItems: LANES.length })),
    models: Type.Array(Type.String({ maxLength: 63 }), { maxItems: 12 }),
    provider: Type.String({ maxLength: 63 }),
    at: Type.Integer({ minimum: 0 }),
  }),
]);
export type ResultMessage = Static<typeof ResultMessageSchema>;

/** A lane is a queue: a STAT job is never behind another lane's job in Redis. */
export const INFER_QUEUES: Readonly<Record<Lane, string>> = {
  stat: "infer-stat",
  routine: "infer-routine",
  backfill: "infer-backfill",
};
/** Of `ResultMessage`s. */
export const RESULTS_STREAM = "results";
/**
 * A board rather than a queue: the ids of jobs whose tasks were taken back while workers may have
 * them. Nobody takes from it; workers read it, and what is old is dropped.
 */
export const WITHDRAWN_BOARD = "withdrawn";

/** BullMQ job id of an attempt: derived from the work; no colon, no integer (BullMQ's rules). */
export function inferJobId(job: Pick<InferJob, "task" | "attempt">): string {
  return `t${job.task}-${job.attempt}`;
}
