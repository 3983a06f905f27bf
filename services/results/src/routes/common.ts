import { AxialError, HOME_TENANT, type TenantId } from "@axial/contracts";
import type { Principal } from "@axial/kit";
import { readStudy, type StudyRecord } from "@axial/store/views";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type TSchema, Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";

/** A server with TypeBox schemas, as routes are registered on. */
export type ApiServer = Parameters<FastifyPluginAsyncTypebox>[0];

/** A DICOM UID (PS3.5 chapter 9): digits and dots, 64 characters at most. */
const DICOM_UID = "^[0-9.]{1,64}$";
export const StudyUidSchema = Type.String({
  pattern: DICOM_UID,
  description: "Study Instance UID",
});
export const StudyParams = Type.Object({ study: StudyUidSchema });

/** An opaque id of ours, where a page of a listing goes on. */
export const CursorSchema = Type.String({ pattern: "^[0-9a-f]{32}$" });

/** Rows of one page. */
export const MAX_PAGE = 500;
export const LimitSchema = Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: 50 });

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const TimestampSchema = Type.String({ format: "date-time" });

/** The principal of the tenant that runs the installation. Throws `forbidden` for any other. */
export function demandHome(principal: Principal): Principal {
  if (principal.tenant === HOME_TENANT) return principal;
  throw new AxialError("forbidden", { detail: "this is about the whole installation" });
}

/** The tenant's study or a `not-found`. */
export async function studyOf(
  { db }: Pick<Dependencies, "db">,
  tenant: TenantId,
  studyUid: string,
): Promise<StudyRecord> {
  const record = await readStudy(db, tenant, studyUid);
  if (record === null) throw new AxialError("not-found", { detail: "no such study" });
  return record;
}

/** The cursor of the next page: the id of the last row, unless the page was not full. */
export function nextCursor(rows: readonly { readonly id: string }[], limit: number): string | null {
  return rows.length < limit ? null : (rows.at(-1)?.id ?? null);
}
