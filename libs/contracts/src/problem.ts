import { type Static, Type } from "typebox";
import { type AxialError, ERROR_CATALOGUE } from "./errors.ts";

/** RFC 9457 problem document; `code` is the stable part. */
const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String(),
    detail: Type.Optional(Type.String()),
    action: Type.Optional(Type.String()),
    requestId: Type.Optional(Type.String()),
  },
  { title: "Problem" },
);
export type Problem = Static<typeof ProblemSchema>;
export const PROBLEM_MEDIA_TYPE = "application/problem+json";

/** The problem document that a caller sees for `error`. Server faults show no detail. */
export function toProblem(error: AxialError, requestId?: string): Problem {
  const { title, action, status } = ERROR_CATALOGUE[error.code];
  const detail = error.code === "internal" ? undefined : error.detail;
  return {
    type: `urn:axial:error:${error.code}`,
    title,
    status,
    code: error.code,
    action,
    ...(detail === undefined ? {} : { detail }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}
