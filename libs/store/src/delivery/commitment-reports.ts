import { newId, type TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Reports that one tenant's peers may be owed at a time: an archive asks once for each study. */
const MAX_OWED = 10_000;

/** A request for storage commitment, and who made it. */
export interface OwedReport {
  readonly tenant: TenantId;
  readonly calledTitle: string;
  readonly callingTitle: string;
  readonly transactionUid: string;
  readonly instances: readonly { readonly sopClassUid: string; readonly sopInstanceUid: string }[];
}

export interface DueReport extends OwedReport {
  readonly id: string;
  /** This one included. */
  readonly attempts: number;
  readonly createdAt: Date;
}

/**
 * Keeps a request until its report is taken; due after `afterSeconds`, for a report on the
 * association comes first. Resolves with its id; null when the tenant's peers are owed too many.
 */
export async function oweReport(
  db: Database,
  { tenant, calledTitle, callingTitle, transactionUid, instances }: OwedReport,
  afterSeconds: number,
): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    INSERT INTO commitment_report
      (id, tenant_id, called_title, calling_title, transaction_uid, instances, not_before)
    SELECT ${newId()}, ${tenant}, ${calledTitle}, ${callingTitle}, ${transactionUid},
      ${JSON.stringify(instances)}::jsonb, now() + make_interval(secs => ${afterSeconds})
    WHERE (SELECT count(*) FROM commitment_report WHERE tenant_id = ${tenant}) < ${MAX_OWED}
    ON CONFLICT (tenant_id, calling_title, called_title, transaction_uid) DO UPDATE SET
      instances = excluded.instances, not_before = excluded.not_before, attempts = 0,
      created_at = now()
    RETURNING id`.execute(db);
  return rows[0]?.id ?? null;
}

/** Leases due reports for `leaseSeconds`, oldest first. */
export async function takeReports(
  db: Database,
  { limit, leaseSeconds }: { readonly limit: number; readonly leaseSeconds: number },
): Promise<DueReport[]> {
  const { rows } = await sql<DueReport>`
    UPDATE commitment_report AS report SET attempts = attempts + 1,
      not_before = now() + make_interval(secs => ${leaseSeconds})
    WHERE id IN (SELECT id FROM commitment_report WHERE not_before <= now()
      ORDER BY not_before LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING id, tenant_id AS tenant, called_title AS "calledTitle",
      calling_title AS "callingTitle", transaction_uid AS "transactionUid", instances, attempts,
      created_at AS "createdAt"`.execute(db);
  return rows;
}

/** Makes a report due after `afterSeconds`. */
export async function postponeReport(
  db: Database,
  id: string,
  afterSeconds: number,
): Promise<void> {
  await sql`UPDATE commitment_report SET not_before = now() + make_interval(secs => ${afterSeconds})
    WHERE id = ${id}`.execute(db);
}

/** It was taken, or is given up. */
export async function forgetReport(db: Database, id: string): Promise<void> {
  await db.deleteFrom("commitment_report").where("id", "=", id).execute();
}
