import type { TaskId } from "@axial/contracts";
import { AxialError, TaskIdSchema } from "@axial/contracts";
import type { Principal } from "@axial/kit";
import type { DeadFilter } from "@axial/store/views";
import { type Static, Type } from "typebox";
import { StudyUidSchema, TimestampSchema } from "./common.ts";

const Word = Type.String({ minLength: 1, maxLength: 63 });
export const FilterSchema = Type.Object({
  model: Type.Optional(Word),
  code: Type.Optional(Word),
  study: Type.Optional(StudyUidSchema),
  from: Type.Optional(TimestampSchema),
  to: Type.Optional(TimestampSchema),
});
export const TaskParams = Type.Object({ task: TaskIdSchema });

/** The dead tasks that a caller means, in the caller's tenant. */
export function toFilter(query: Static<typeof FilterSchema>, { tenant }: Principal): DeadFilter {
  const { from, to, ...rest } = query;
  return {
    ...rest,
    tenant,
    ...(from === undefined ? {} : { from: new Date(from) }),
    ...(to === undefined ? {} : { to: new Date(to) }),
  };
}

export function oneOf(task: TaskId, { tenant }: Principal): DeadFilter {
  return { tenant, task };
}

export function noSuchTask(): AxialError {
  return new AxialError("not-found", { detail: "no such dead task" });
}
