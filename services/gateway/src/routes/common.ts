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

/** Its admins run the installation and set up each other tenant. */
export const HOME_TENANT = "default";

/** Headers that control an upload. */
export const UploadHeaders = Type.Object({
  "axial-lane": Type.Optional(LaneSchema),
  "axial-expected-instances": Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  "axial-close": Type.Optional(Type.Boolean()),
  "axial-models": Type.Optional(Type.String({ maxLength: 1_024 })),
});
