import type { StudyId, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import { closeWhere } from "./close-studies.ts";

/** An association whose gateway has not confirmed it for so long is over. */
const DEAD_AFTER_SECONDS = 90;

interface OpenAssociation {
  readonly association: string;
  /** The listener that it is at; its process confirms all of its associations together. */
  readonly door: string;
}

/** Notes that an association has sent an instance of a study, and closes it when it ends. */
export async function joinStudy(
  db: Database,
  { association, door }: OpenAssociation,
  study: StudyId,
): Promise<void> {
  await sql`INSERT INTO open_association (study_id, association_id, door_id)
    VALUES (${study}, ${association}, ${door}) ON CONFLICT DO NOTHING`.execute(db);
}

/** Confirms the associations of a listener. */
export async function confirmAssociations(db: Database, door: string): Promise<void> {
  await sql`UPDATE open_association SET alive_at = now() WHERE door_id = ${door}`.execute(db);
}

interface EndedAssociation {
  readonly tenant: TenantId;
  readonly association: string;
  /** It was released, and nothing that it sent is to be repeated. */
  readonly isWhole: boolean;
}

/**
 * Ends an association: closes the studies that no other open one is sending. Where it was not whole,
 * or another was not, they are left to their quiet period. Returns those that were closed.
 */
export async function leaveStudies(
  db: Database,
  { tenant, association, isWhole }: EndedAssociation,
): Promise<StudyId[]> {
  return db.transaction().execute(async (trx) => {
    const mine = sql`SELECT study_id FROM open_association WHERE association_id = ${association}`;
    // Associations that end together wait for one another here, in one order.
    await sql`SELECT id FROM study WHERE id IN (${mine}) ORDER BY tenant_id, study_uid
      FOR UPDATE`.execute(trx);
    await sql`DELETE FROM open_association WHERE study_id IN (${mine})
      AND alive_at < now() - make_interval(secs => ${DEAD_AFTER_SECONDS})
      AND association_id <> ${association}`.execute(trx);
    if (!isWhole) {
      await sql`UPDATE open_association SET broken = true WHERE study_id IN (${mine})`.execute(trx);
    }
    const { rows } = await sql<{ id: StudyId; broken: boolean }>`
      DELETE FROM open_association WHERE association_id = ${association}
      RETURNING study_id AS id, broken`.execute(trx);
    const whole = rows.filter(({ broken }) => !broken).map(({ id }) => id);
    if (whole.length === 0) return [];
    const condition = sql<boolean>`study.id = ANY(${whole}) AND study.tenant_id = ${tenant}
      AND NOT EXISTS (SELECT FROM open_association WHERE study_id = study.id)`;
    return closeWhere(trx, condition, "request");
  });
}
