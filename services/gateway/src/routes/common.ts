import { DICOMWEB, LaneSchema, UidSchema } from "@axial/contracts";
import { Type } from "typebox";

export const StudyParams = Type.Object({ study: UidSchema });

/** Where DICOMweb is mounted: plain, and for each lane. */
const MOUNTS = [DICOMWEB, `/lanes/:lane${DICOMWEB}`];

/** The paths of STOW-RS (PS3.18 10.5). */
export const STORE_PATHS = MOUNTS.flatMap((mount) => [
  `${mount}/studies`,
  `${mount}/studies/:study`,
]);

const SERIES = "studies/:study/series/:series";
/** What can be deleted: a study, a series, an instance. */
export const DELETE_PATHS = MOUNTS.flatMap((mount) => [
  `${mount}/studies/:study`,
  `${mount}/${SERIES}`,
  `${mount}/${SERIES}/instances/:instance`,
]);

export const ResourceParams = Type.Object({
  lane: Type.Optional(LaneSchema),
  study: UidSchema,
  series: Type.Optional(UidSchema),
  instance: Type.Optional(UidSchema),
});

export const StoreParams = Type.Object({
  study: Type.Optional(UidSchema),
  lane: Type.Optional(LaneSchema),
});

/** Headers that control an upload. */
export const UploadHeaders = Type.Object({
  "axial-lane": Type.Optional(LaneSchema),
  // Text: as a number 1e999 would be infinity, and infinity a whole number.
  "axial-expected-instances": Type.Optional(
    Type.String({ pattern: "^([1-9][0-9]{0,5}|1000000)$", description: "1 to 1000000" }),
  ),
  "axial-close": Type.Optional(Type.Boolean()),
  "axial-models": Type.Optional(Type.String({ maxLength: 1_024 })),
});
