import { type Static, Type } from "typebox";
import { BlobKeySchema, TaskIdSchema } from "./ids.ts";
import { selectionProperties } from "./selection.ts";

/** One frame of the model's input, in slice order. */
const SliceRefSchema = Type.Object({
  blob: BlobKeySchema,
  frame: Type.Integer({ minimum: 0 }),
  kind: Type.Enum(["dicom", "image"], { description: "image: PNG or JPEG" }),
  sopInstanceUid: Type.String(),
});
export type SliceRef = Static<typeof SliceRefSchema>;

/**
 * The input of a task: everything that a worker needs besides the model package. It is a blob, so
 * it may name UIDs; the queue carries only its key.
 */
export const TaskInputSchema = Type.Object({
  schemaVersion: Type.Literal(1),
  task: TaskIdSchema,
  model: Type.Object({ id: Type.String(), version: Type.String(), sha256: Type.String() }),
  slices: Type.Array(SliceRefSchema, { minItems: 1 }),
  ...selectionProperties,
});
export type TaskInput = Static<typeof TaskInputSchema>;
