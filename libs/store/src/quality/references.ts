import type { ModelReference } from "@axial/contracts";
import type { Database, DatabaseTransaction } from "../database.ts";

/** The reference that this installation measured for a version of a model. */
export interface StoredReference {
  readonly model: string;
  readonly version: string;
  readonly reference: ModelReference;
  readonly measuredAt: Date;
}

export async function readReferences(db: Database): Promise<StoredReference[]> {
  const rows = await db.selectFrom("quality_reference").selectAll().execute();
  return rows.map((row) => ({
    model: row.model_id,
    version: row.model_version,
    reference: row.reference,
    measuredAt: row.measured_at,
  }));
}

export async function writeReference(
  trx: Database | DatabaseTransaction,
  { model, version, reference }: Omit<StoredReference, "measuredAt">,
): Promise<void> {
  const values = { reference: JSON.stringify(reference), measured_at: new Date() };
  await trx
    .insertInto("quality_reference")
    .values({ model_id: model, model_version: version, ...values })
    .onConflict((conflict) => conflict.columns(["model_id", "model_version"]).doUpdateSet(values))
    .execute();
}
