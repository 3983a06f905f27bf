import { type Static, Type } from "typebox";
import { BlobKeySchema, TaskIdSchema } from "./ids.ts";
import { type Lane, LaneSchema } from "./lane.ts";
import { TraceParentSchema } from "./trace-parent.ts";

/**
 * The payloads that cross the queue: opaque ids only, each payload under `MAX_JOB_PAYLOAD_BYTES`
 * (invariant 4). A field may be added as optional; none may change its meaning, because old and new
 * versions run side by side during a rollout.
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
  /** Runs alone in its batch, because it was in a batch that killed an engine. */
  isolate: Type.Optional(Type.Boolean()),
  traceparent: Type.Optional(TraceParentSchema),
});
export type InferJob = Static<typeof InferJobSchema>;

/** A lane is a queue: a STAT job is never behind another lane's job in Redis. */
export const INFER_QUEUES: Readonly<Record<Lane, string>> = {
  stat: "infer-stat",
  routine: "infer-routine",
  backfill: "infer-backfill",
};
/**
 * BullMQ job id of an attempt, derived from the work; contains no colon and is not an integer
 * (BullMQ's rules).
 */
export function inferJobId(job: Pick<InferJob, "task" | "attempt">): string {
  return `t${job.task}-${job.attempt}`;
}
