import { INTAKE_WARNS_FROM, LANES, LaneSchema, lanesOpenAt } from "@axial/contracts";
import type { Database } from "@axial/store/database";
import { readIntakeLevels } from "@axial/store/ingest";
import { type Static, Type } from "typebox";
import { Nullable } from "./common.ts";

/** Below this share of free bytes a disk is worth a look, as in the alert AxialDiskFills. */
const DISK_FILLS_BELOW = 0.15;

export const IntakeLevelSchema = Type.Object({
  limit: Type.String({ description: "as in axial_admission_level" }),
  what: Type.String({ description: "in words" }),
  share: Type.Number({ description: "of it that is used, 0..1 and beyond" }),
  near: Type.Boolean({ description: "the limit is near, or its disk fills" }),
  closed: Type.Array(LaneSchema, { description: "lanes whose uploads get 503 because of it" }),
  disk: Nullable(
    Type.Object({
      sizeBytes: Type.Number({ description: "used and available" }),
      freeBytes: Type.Number(),
    }),
  ),
});

/** How full what limits the intake is; empty while no gateway says so. */
export async function intakeLevels(db: Database): Promise<Static<typeof IntakeLevelSchema>[]> {
  return (await readIntakeLevels(db)).map(({ name, what, level, disk }) => {
    const open = lanesOpenAt(level);
    return {
      limit: name,
      what,
      share: level,
      near:
        level >= INTAKE_WARNS_FROM || (disk !== null && disk.free < DISK_FILLS_BELOW * disk.size),
      closed: LANES.filter((lane) => !open.includes(lane)),
      disk: disk === null ? null : { sizeBytes: disk.size, freeBytes: disk.free },
    };
  });
}
