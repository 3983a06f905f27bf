import { LaneSchema, UidSchema } from "@axial/contracts";
import { Type } from "typebox";

/** Path parameters of the resources that are searched and retrieved. */
export const ArchiveParams = Type.Object({
  lane: Type.Optional(LaneSchema),
  study: Type.Optional(UidSchema),
  series: Type.Optional(UidSchema),
  instance: Type.Optional(UidSchema),
});
