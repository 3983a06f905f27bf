import { type Static, Type } from "typebox";

/**
 * Which version of a model a live study was given while a canary ran: the new one (`canary`), or
 * the one that the rest of the traffic gets (`stable`).
 */
const CANARY_ARMS = ["stable", "canary"] as const;
export type CanaryArm = (typeof CANARY_ARMS)[number];

/**
 * Why a task has its model's version: an arm of a canary, or `shadow`, which is recorded and compared
 * but in no report, because another version of the model answers in the same run.
 */
export const TaskArmSchema = Type.Enum([...CANARY_ARMS, "shadow"]);
export type TaskArm = Static<typeof TaskArmSchema>;

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** What one arm answered since the canary began. */
const CanaryFiguresSchema = Type.Object({
  version: Type.String(),
  installed: Type.Boolean(),
  predictions: Type.Integer(),
  refusals: Type.Integer(),
  failures: Type.Integer({ description: "tasks that died" }),
  unfinished: Type.Integer(),
  medianMs: Nullable(Type.Number({ description: "of an answer, on the worker" })),
  labels: Type.Record(Type.String(), Type.Integer(), { description: "predictions of each label" }),
});
export type CanaryFigures = Static<typeof CanaryFiguresSchema>;

/**
 * A model whose version in use is chosen: held at one, or with a canary beside it. Models without
 * such a choice run their newest version.
 */
export const CanarySchema = Type.Object({
  model: Type.String(),
  percent: Nullable(
    Type.Integer({ description: "of live studies that get the canary; null: held, none runs" }),
  ),
  since: Type.String({ format: "date-time" }),
  stable: CanaryFiguresSchema,
  canary: Nullable(CanaryFiguresSchema),
});
export type Canary = Static<typeof CanarySchema>;
