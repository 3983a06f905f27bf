import {
  AxialError,
  asAxialError,
  DICOMWEB,
  HOME_TENANT,
  LaneSchema,
  parseAs,
  UidSchema,
} from "@axial/contracts";
import type { Principal } from "@axial/kit";
import type { FastifySchemaCompiler } from "fastify";
import { type TSchema, Type } from "typebox";

/** The principal of the tenant that runs the installation. Throws `forbidden` for any other. */
export function demandHome(principal: Principal): Principal {
  if (principal.tenant === HOME_TENANT) return principal;
  throw new AxialError("forbidden", { detail: "this is about the whole installation" });
}

/**
 * As it stands: Fastify's own validator turns a limit of 0 into null, which is no limit at all, and
 * drops what it does not know.
 */
export const strictly: FastifySchemaCompiler<TSchema> =
  ({ schema }) =>
  (value) => {
    try {
      parseAs(schema, value);
      return true;
    } catch (thrown) {
      return { error: asAxialError(thrown) };
    }
  };

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
