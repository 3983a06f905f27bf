import type { AuditRow } from "@axial/store/audit";
import { type Static, type TSchema, Type } from "typebox";

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const TimestampSchema = Type.String({ format: "date-time" });

export const AuditItemSchema = Type.Object({
  id: Type.String(),
  at: TimestampSchema,
  tenant: Type.String(),
  key: Nullable(
    Type.Object(
      { id: Type.String(), name: Nullable(Type.String()) },
      { description: "who did it" },
    ),
  ),
  address: Nullable(Type.String({ description: "of the caller" })),
  action: Type.String({ description: "noun.verb" }),
  outcome: Type.Enum(["success", "refused"]),
  target: Nullable(Type.String({ description: "an opaque id" })),
  study: Nullable(Type.String({ description: "Study Instance UID of the target" })),
  detail: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  seq: Nullable(Type.Integer({ description: "place in the tenant's chain" })),
  hash: Nullable(Type.String({ description: "SHA-256 over the entry and the hash before" })),
});

/** An entry of the audit as JSON. */
export function auditItem(row: AuditRow): Static<typeof AuditItemSchema> {
  return {
    id: row.id,
    at: row.at.toISOString(),
    tenant: row.tenant_id,
    key: row.key_id === null ? null : { id: row.key_id, name: row.key_name },
    address: row.address,
    action: row.action,
    outcome: row.outcome,
    target: row.target,
    study: row.study_uid,
    detail: row.detail,
    seq: row.seq === null ? null : Number(row.seq),
    hash: row.hash,
  };
}
