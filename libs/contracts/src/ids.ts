import { createHash, randomBytes } from "node:crypto";
import { Type } from "typebox";

/** A string that only its own parser may create; the brand exists for the compiler alone. */
type Brand<Name extends string> = string & { readonly __brand: Name };

export type TenantId = Brand<"TenantId">;
export type StudyId = Brand<"StudyId">;
export type SeriesId = Brand<"SeriesId">;
export type RunId = Brand<"RunId">;
export type TaskId = Brand<"TaskId">;
/** SHA-256 of a blob's bytes, lower-case hexadecimal: its address in the blob store. */
export type BlobKey = Brand<"BlobKey">;

const OPAQUE_ID = "^[0-9a-f]{32}$";
const SHA256_HEX = "^[0-9a-f]{64}$";

const opaqueId = <Id extends string>() => Type.Unsafe<Id>(Type.String({ pattern: OPAQUE_ID }));

export const TenantIdSchema = Type.Unsafe<TenantId>(
  Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,62}$" }),
);
export const StudyIdSchema = opaqueId<StudyId>();
export const TaskIdSchema = opaqueId<TaskId>();
export const BlobKeySchema = Type.Unsafe<BlobKey>(Type.String({ pattern: SHA256_HEX }));

/**
 * A new opaque id: 48 bits of time, then 80 random bits, as 32 hexadecimal digits. Sorted by
 * time so that B-tree inserts stay on the right edge; says nothing about the patient.
 */
export function newId<Id extends string>(now: number = Date.now()): Id {
  return (now.toString(16).padStart(12, "0") + randomBytes(10).toString("hex")) as Id;
}

/**
 * A DICOM UID derived from 128 random bits (PS3.5 B.2: "2.25." and the integer).
 */
export function newUid(): string {
  return `2.25.${BigInt(`0x${randomBytes(16).toString("hex")}`).toString()}`;
}

/** A UID (PS3.5 B.2) derived from the given words: equal words, equal UID. */
export function stableUid(...words: readonly string[]): string {
  const digest = createHash("sha256").update(words.join("\n")).digest("hex");
  return `2.25.${BigInt(`0x${digest.slice(0, 32)}`)}`;
}
