import { LaneSchema } from "@axial/contracts";
import type { DeadCode, DeadRow } from "@axial/store/views";
import { type Static, type TSchema, Type } from "typebox";

const Timestamp = Type.String({ format: "date-time" });
const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const DeadLetterSchema = Type.Object({
  task: Type.String(),
  study: Type.String(),
  series: Type.String(),
  instance: Nullable(
    Type.String({ description: "SOP Instance UID of the series' first instance; null: removed" }),
  ),
  instances: Type.Integer({ description: "of the series" }),
  model: Type.String(),
  version: Type.String(),
  lane: LaneSchema,
  run: Type.Integer(),
  attempt: Type.Integer(),
  failures: Type.Integer(),
  code: Nullable(Type.String()),
  detail: Nullable(Type.String()),
  input: Type.String({ description: "blob of the task's input" }),
  firstFailureAt: Nullable(Timestamp),
  lastFailureAt: Nullable(Timestamp),
  diedAt: Nullable(Timestamp),
  history: Type.Array(
    Type.Object({
      attempt: Type.Integer(),
      at: Timestamp,
      code: Type.String(),
      detail: Type.Optional(Type.String()),
      worker: Type.Optional(Type.String()),
    }),
  ),
});

export const DeadCodeSchema = Type.Object({
  code: Type.String(),
  tasks: Type.Integer(),
  studies: Type.Integer(),
  first: Nullable(Timestamp),
  last: Nullable(Timestamp),
});

/** Dead tasks that ended with one code. */
export function deadCode({ first, last, ...counts }: DeadCode): Static<typeof DeadCodeSchema> {
  return {
    ...counts,
    first: first?.toISOString() ?? null,
    last: last?.toISOString() ?? null,
  };
}

/** A dead task as operators see it. */
export function deadLetter(row: DeadRow): Static<typeof DeadLetterSchema> {
  return {
    task: row.id,
    study: row.study_uid,
    series: row.series_uid,
    instance: row.instance,
    instances: Number(row.instances),
    model: row.model_id,
    version: row.model_version,
    lane: row.lane,
    run: row.run,
    attempt: row.attempt,
    failures: row.failures,
    code: row.error_code,
    detail: row.error_detail,
    input: row.input,
    firstFailureAt: row.history.at(0)?.at ?? null,
    lastFailureAt: row.history.at(-1)?.at ?? null,
    diedAt: row.finished_at?.toISOString() ?? null,
    history: [...row.history],
  };
}
