import { type Static, Type } from "typebox";
import { BlobKeySchema, TaskIdSchema } from "./ids.ts";
import { LANES, LaneSchema } from "./lane.ts";
import { TraceParentSchema } from "./trace-parent.ts";

/** Of `ResultMessage`s. */
export const RESULTS_STREAM = "results";

const FailureFields = {
  code: Type.String({ maxLength: 63 }),
  detail: Type.Optional(Type.String({ maxLength: 300 })),
};

const DoneFields = { kind: Type.Literal("done"), result: BlobKeySchema };
const RefusedFields = { kind: Type.Literal("refused"), ...FailureFields };
const FailedFields = {
  kind: Type.Literal("failed"),
  ...FailureFields,
  /** The engine died or hung with this task in it: the next attempt runs alone. */
  isolate: Type.Optional(Type.Boolean()),
};

/**
 * How an attempt ended: `done` with a result blob, `refused` for good, or `failed` and perhaps to
 * be retried.
 */
const AttemptOutcomeSchema = Type.Union([
  Type.Object(DoneFields),
  Type.Object(RefusedFields),
  Type.Object(FailedFields),
]);
export type AttemptOutcome = Static<typeof AttemptOutcomeSchema>;

const OUTCOME_KINDS = ["done", "refused", "failed"] as const satisfies AttemptOutcome["kind"][];

/** The attempt that a message is about, the lane that it was dispatched in, and the worker that held it. */
const AttemptFields = {
  task: TaskIdSchema,
  attempt: Type.Integer({ minimum: 1 }),
  lane: Type.Optional(LaneSchema),
  worker: Type.Optional(Type.String({ maxLength: 63 })),
  traceparent: Type.Optional(TraceParentSchema),
};

/** The outcome of one attempt, as its worker reports it to the recorder. */
const OutcomeMessageSchema = Type.Union([
  Type.Object({
    ...AttemptFields,
    ...DoneFields,
    /** Epoch milliseconds at which the supervisor took the job. */
    takenAt: Type.Integer({ minimum: 0 }),
    finishedAt: Type.Integer({ minimum: 0 }),
  }),
  Type.Object({ ...AttemptFields, ...RefusedFields }),
  Type.Object({ ...AttemptFields, ...FailedFields }),
]);
export type OutcomeMessage = Static<typeof OutcomeMessageSchema>;

/** A worker's announcement. */
const WorkerMessageSchema = Type.Object({
  kind: Type.Literal("worker"),
  worker: Type.String({ maxLength: 63 }),
  /** Jobs that the worker is willing to hold, per lane. */
  capacity: Type.Integer({ minimum: 0 }),
  /** The lanes that it serves; all of them when left out. */
  lanes: Type.Optional(Type.Array(LaneSchema, { minItems: 1, maxItems: LANES.length })),
  models: Type.Array(Type.String({ maxLength: 63 }), { maxItems: 12 }),
  provider: Type.String({ maxLength: 63 }),
  /** What the orchestrator calls its kind. */
  pool: Type.Optional(Type.String({ maxLength: 31 })),
  version: Type.Optional(Type.String({ maxLength: 31 })),
  /** Tasks of each lane that it has taken and not answered yet; a lane left out has none. */
  held: Type.Optional(
    Type.Partial(
      Type.Object({
        stat: Type.Integer({ minimum: 0 }),
        routine: Type.Integer({ minimum: 0 }),
        backfill: Type.Integer({ minimum: 0 }),
      }),
    ),
  ),
  at: Type.Integer({ minimum: 0 }),
});
export type WorkerMessage = Static<typeof WorkerMessageSchema>;

/** A message of the stream of results. */
export const ResultMessageSchema = Type.Union([...OutcomeMessageSchema.anyOf, WorkerMessageSchema]);
export type ResultMessage = Static<typeof ResultMessageSchema>;

const SignatureSchema = Type.Object({
  worker: Type.String({ maxLength: 63 }),
  key: Type.String({ pattern: "^[0-9a-f]{8}$" }),
  mac: Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" }),
});
/** A message as it lies on the stream; unsigned where the pool has no key. */
export const SignedMessageSchema = Type.Intersect([
  ResultMessageSchema,
  Type.Object({ signature: Type.Optional(SignatureSchema) }),
]);
export type SignedMessage = ResultMessage & { readonly signature?: Static<typeof SignatureSchema> };

type AttemptName = Pick<OutcomeMessage, "task" | "attempt">;

/** A message's id on the stream: the same for an outcome that is sent twice. */
export function resultMessageId(message: ResultMessage): string {
  if (message.kind === "worker") return `w${message.worker}-${message.at}`;
  return outcomeId(message, message.kind);
}

/** Every id that the outcome of an attempt may have on the stream. */
export function outcomeIds(attempt: AttemptName): readonly string[] {
  return OUTCOME_KINDS.map((kind) => outcomeId(attempt, kind));
}

function outcomeId({ task, attempt }: AttemptName, kind: AttemptOutcome["kind"]): string {
  return `r${task}-${attempt}-${kind}`;
}
