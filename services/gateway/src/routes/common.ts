import { DICOMWEB, LaneSchema, UidSchema } from "@axial/contracts";
import { Type } from "typebox";

export const StudyParams = Type.Object({ study: UidSchema });

/** The paths of STOW-RS (PS3.18 10.5), plain and under the mount of a lane. */
export const STORE_PATHS = [DICOMWEB, `/lanes/:lane${DICOMWEB}`].flatMap((mount) => [
  `${mount}/studies`,
  `${mount}/studies/:study`,
]);

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
