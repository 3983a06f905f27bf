import { LaneSchema } from "@axial/contracts";
import { Type } from "typebox";
import { UidSchema } from "../routes/common.ts";

/** Path parameters of the resources that are searched and retrieved. */
export const ArchiveParams = Type.Object({
  lane: Type.Optional(LaneSchema),
  study: Type.Optional(UidSchema),
  series: Type.Optional(UidSchema),
  instance: Type.Optional(UidSchema),
});
