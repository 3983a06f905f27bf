import type { Lane, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

/** A pull that is taken. */
export interface DuePull {
  readonly id: string;
  readonly tenant: TenantId;
  readonly source: string;
  readonly backfill: string | null;
  readonly studyUid: string;
  readonly storedUid: string;
  readonly lane: Lane | null;
  readonly models: readonly string[] | null;
  readonly priors: number;
  readonly present: number;
  /** This one included. */
  readonly attempts: number;
  /** Attempts in a row that brought nothing, without this one. */
  readonly failures: number;
  readonly createdAt: Date;
}

/**
 * Leases due pulls for `leaseSeconds`, as many of each source as it may be asked for at once:
 * STAT first, backfills last. If the gateway that took one dies, it becomes due again.
 */
export async function takePulls(db: Database, leaseSeconds: number): Promise<DuePull[]> {
  const { rows } = await sql<DuePull>`
    WITH due AS (
      SELECT chosen.id FROM study_source, LATERAL (
        SELECT pull.id FROM pull
        WHERE pull.source_id = study_source.id AND pull.state = 'waiting'
          AND pull.not_before <= now() AND pull.leased_until < now()
        ORDER BY pull.backfill_id IS NOT NULL, pull.lane = 'stat' DESC NULLS LAST,
          pull.not_before, pull.id
        LIMIT greatest(0, study_source.parallel - (SELECT count(*) FROM pull AS busy
          WHERE busy.source_id = study_source.id AND busy.state = 'waiting'
            AND busy.leased_until >= now()))
        FOR UPDATE OF pull SKIP LOCKED) AS chosen)
    UPDATE pull SET attempts = attempts + 1,
      leased_until = now() + make_interval(secs => ${leaseSeconds})
    FROM due WHERE pull.id = due.id
    RETURNING pull.id, pull.tenant_id AS tenant, pull.source_id AS source,
      pull.backfill_id AS backfill, pull.study_uid AS "studyUid", pull.stored_uid AS "storedUid",
      pull.lane, pull.models, pull.priors, pull.present, pull.attempts, pull.failures,
      pull.created_at AS "createdAt"`.execute(db);
  return rows;
}

type Taken = Pick<DuePull, "id" | "attempts">;

/** Prolongs a lease; false when the pull was cancelled or taken by another. */
export async function extendPull(
  db: Database,
  { id, attempts }: Taken,
  leaseSeconds: number,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE pull SET leased_until = now() + make_interval(secs => ${leaseSeconds})
    WHERE id = ${id} AND attempts = ${attempts} AND state = 'waiting'`.execute(db);
  return numAffectedRows === 1n;
}

/** How an attempt ended; `found` and `present` count instances. */
export type PullOutcome = { readonly found: number | null; readonly present: number } & (
  | { readonly state: "done"; readonly note: string | null }
  | { readonly state: "failed"; readonly error: string }
  /** `failures`: attempts in a row that brought nothing, this one included. */
  | {
      readonly state: "waiting";
      readonly error: string;
      readonly failures: number;
      readonly pauseMs: number;
    }
);

/** Notes how an attempt ended; `attempts` fences off one whose lease another has taken over. */
export async function settlePull(
  db: Database,
  { id, attempts }: Taken,
  outcome: PullOutcome,
): Promise<void> {
  const waits = outcome.state === "waiting";
  await sql`
    UPDATE pull SET state = ${outcome.state},
      found = coalesce(${outcome.found}::integer, found), present = ${outcome.present},
      last_error = ${outcome.state === "done" ? outcome.note : outcome.error},
      failures = ${waits ? outcome.failures : 0},
      not_before = now() + make_interval(secs => ${waits ? outcome.pauseMs / 1_000 : 0}),
      leased_until = '-infinity',
      finished_at = CASE WHEN ${!waits}::boolean THEN now() END
    WHERE id = ${id} AND attempts = ${attempts} AND state = 'waiting'`.execute(db);
}
