import type { BlobStore } from "@axial/blobs";
import { AxialError, type BlobKey } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";
import { pardon } from "./tombstones.ts";

/** SQLSTATE with which the database refuses a row that refers to a condemned blob. */
const CONDEMNED = "AX001";

/** True for the refusal of a row whose blob is condemned. */
export function isCondemnedError(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === CONDEMNED;
}

/**
 * Withdraws the condemnation of any of `keys`, so that this transaction can write rows that refer
 * to them. The collector is locked out until it ends. Throws `unavailable` when a blob is deleted
 * or about to be: it has to be written again, later.
 */
export async function reprieve(
  trx: DatabaseTransaction,
  blobs: Pick<BlobStore, "has">,
  keys: readonly BlobKey[],
): Promise<void> {
  const { rows } = await sql<{ key: BlobKey; going: boolean }>`
    SELECT key, deleting_at IS NOT NULL AND deleted_at IS NULL AS going FROM blob_tombstone
    WHERE key = ANY(${[...keys]}) ORDER BY key FOR UPDATE`.execute(trx);
  const present = await Promise.all(rows.map(({ key, going }) => !going && blobs.has(key)));
  if (present.includes(false)) {
    throw new AxialError("unavailable", { detail: "a blob was collected as it was being used" });
  }
  await pardon(
    trx,
    rows.map((row) => row.key),
  );
}

/**
 * Runs `write`; if the database reports that a blob is condemned, which is rare, reprieves the
 * blobs and runs it once more.
 */
export async function withReprieve<Outcome>(
  write: (reprieved: boolean) => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await write(false);
  } catch (error) {
    if (!isCondemnedError(error)) throw error;
    return write(true);
  }
}
