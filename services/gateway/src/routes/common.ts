import { type Lane, LaneSchema } from "@axial/contracts";
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";

/** A DICOM UID (PS3.5 chapter 9). */
export const UidSchema = Type.String({ pattern: "^[0-9.]{1,64}$" });
export const StudyParams = Type.Object({ study: UidSchema });

export const DICOM_JSON = "application/dicom+json";

/** Where DICOMweb is mounted; a second mount for each lane takes uploads only. */
export const DICOMWEB = "/dicom-web";

/** Its admins run the installation and set up each other tenant. */
export const HOME_TENANT = "default";

/** Headers by which a sender says what is to happen with an upload. */
export const UploadHeaders = Type.Object({
  "axial-lane": Type.Optional(LaneSchema),
  "axial-expected-instances": Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  "axial-close": Type.Optional(Type.Boolean()),
  "axial-models": Type.Optional(Type.String({ maxLength: 1_024 })),
});

export interface LaneParams {
  readonly lane?: Lane;
}

/** Base address as the caller sees it, for links in answers. */
export function baseUrl(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`;
}
