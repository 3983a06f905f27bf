import type { Selectable } from "kysely";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import type { CanaryTable } from "../schema.ts";

export type CanaryRow = Selectable<CanaryTable>;

/** Models whose version in use is chosen, by id. */
export function readCanaries(db: Database | DatabaseTransaction): Promise<CanaryRow[]> {
  return db.selectFrom("canary").selectAll().orderBy("model_id").execute();
}

/** The choice for a model, locked against concurrent changes; null where no choice was made. */
export async function lockCanary(
  trx: DatabaseTransaction,
  model: string,
): Promise<CanaryRow | null> {
  // There may be no row to lock yet.
  await sql`SELECT pg_advisory_xact_lock(hashtext('canary'), hashtext(${model}))`.execute(trx);
  const query = trx.selectFrom("canary").selectAll().where("model_id", "=", model);
  return (await query.executeTakeFirst()) ?? null;
}

interface VersionChoice {
  readonly model: string;
  readonly stable: string;
  readonly canary: { readonly version: string; readonly percent: number } | null;
}

/** Writes a choice. `since` begins anew unless the same canary goes on. */
export async function chooseVersion(
  trx: DatabaseTransaction,
  { model, stable, canary }: VersionChoice,
): Promise<void> {
  await sql`
    INSERT INTO canary (model_id, stable_version, canary_version, percent)
    VALUES (${model}, ${stable}, ${canary?.version ?? null}, ${canary?.percent ?? null})
    ON CONFLICT (model_id) DO UPDATE SET stable_version = excluded.stable_version,
      canary_version = excluded.canary_version, percent = excluded.percent,
      since = CASE WHEN canary.canary_version = excluded.canary_version
        AND canary.stable_version = excluded.stable_version THEN canary.since ELSE now() END`.execute(
    trx,
  );
}

/** The model goes back to its newest version. */
export async function forgetChoice(trx: DatabaseTransaction, model: string): Promise<void> {
  await trx.deleteFrom("canary").where("model_id", "=", model).execute();
}
