import type { DeliveryState, DestinationKind, RunId, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import type { DeliveryEvent } from "../schema.ts";

/** A delivery that is due. */
export interface DueDelivery {
  readonly id: string;
  readonly destination: string;
  readonly tenant: TenantId;
  readonly event: DeliveryEvent;
  readonly studyUid: string;
  readonly runId: RunId;
  readonly run: number;
  /** This one included. */
  readonly attempts: number;
  readonly createdAt: Date;
  /** Of the run's planning. */
  readonly traceParent: string | null;
}

interface Take {
  /** Of each destination. */
  readonly limit: number;
  readonly leaseSeconds: number;
  /** Destinations that are busy. */
  readonly except: readonly string[];
}

/**
 * Leases due deliveries for `leaseSeconds`, up to `limit` of each destination, oldest first: no
 * other sender takes them in that time, and if this one dies they are due again afterwards.
 * Delivery is at least once, and in order for each study: a later run waits while an earlier one
 * is pending.
 */
export async function takeDeliveries(
  db: Database,
  { limit, leaseSeconds, except }: Take,
): Promise<DueDelivery[]> {
  const { rows } = await sql<DueDelivery>`
    WITH due AS (
      SELECT chosen.id FROM destination, LATERAL (
        SELECT delivery.id FROM delivery JOIN run ON run.id = delivery.run_id
        WHERE delivery.destination_id = destination.id AND delivery.state = 'pending'
          AND delivery.not_before <= now()
          AND NOT EXISTS (SELECT FROM delivery AS earlier JOIN run AS before
              ON before.id = earlier.run_id
            WHERE earlier.study_id = delivery.study_id
              AND earlier.destination_id = delivery.destination_id
              AND earlier.state = 'pending' AND before.number < run.number)
        ORDER BY delivery.not_before LIMIT ${limit}
        FOR UPDATE OF delivery SKIP LOCKED) AS chosen
      WHERE NOT destination.paused AND destination.id <> ALL(${[...except]}::text[])
    ), taken AS (
      UPDATE delivery SET attempts = attempts + 1,
        not_before = now() + make_interval(secs => ${leaseSeconds})
      FROM due WHERE delivery.id = due.id
      RETURNING delivery.*)
    SELECT taken.id, taken.destination_id AS destination, taken.tenant_id AS tenant, taken.event,
      taken.attempts, taken.created_at AS "createdAt", taken.run_id AS "runId",
      study.study_uid AS "studyUid", run.number AS run, run.trace_parent AS "traceParent"
    FROM taken
    JOIN study ON study.id = taken.study_id
    JOIN run ON run.id = taken.run_id`.execute(db);
  return rows;
}

/** The outcome of sending; `attempts` fences off one that comes after the lease. */
export type DeliveryOutcome =
  | { readonly kind: "delivered" }
  /** The destination does not want it, or may not have it. */
  | { readonly kind: "skipped"; readonly reason: string }
  | { readonly kind: "retry"; readonly error: string; readonly notBefore: Date }
  | { readonly kind: "dead"; readonly error: string };

export async function settleDelivery(
  db: Database,
  { id, attempts }: Pick<DueDelivery, "id" | "attempts">,
  outcome: DeliveryOutcome,
): Promise<void> {
  await db
    .updateTable("delivery")
    .set(changeOf(outcome))
    .where("id", "=", id)
    .where("attempts", "=", attempts)
    .where("state", "=", "pending")
    .execute();
}

function changeOf(outcome: DeliveryOutcome) {
  switch (outcome.kind) {
    case "delivered":
      return { state: "delivered" as const, delivered_at: new Date(), last_error: null };
    case "skipped":
      return { state: "skipped" as const, last_error: outcome.reason };
    case "retry":
      return { last_error: outcome.error, not_before: outcome.notBefore };
    case "dead":
      return { state: "dead" as const, last_error: outcome.error };
    default:
      return outcome satisfies never;
  }
}

/**
 * Whether the destination has an answer for the study that this one amends: of an earlier run, or of
 * the same one before it ended again.
 */
export async function wasToldBefore(
  db: Database,
  { destination, runId }: Pick<DueDelivery, "destination" | "runId">,
): Promise<boolean> {
  const { rows } = await sql<{ told: boolean }>`
    SELECT EXISTS (SELECT FROM delivery JOIN run AS earlier ON earlier.id = delivery.run_id
      WHERE delivery.study_id = run.study_id AND delivery.destination_id = ${destination}
        AND delivery.delivered_at IS NOT NULL AND earlier.number <= run.number) AS told
    FROM run WHERE run.id = ${runId}`.execute(db);
  return rows[0]?.told ?? false;
}

/** Prolongs a lease while the delivery is still being sent. */
export async function extendLease(
  db: Database,
  { id, attempts }: Pick<DueDelivery, "id" | "attempts">,
  leaseSeconds: number,
): Promise<void> {
  await sql`UPDATE delivery SET not_before = now() + make_interval(secs => ${leaseSeconds})
    WHERE id = ${id} AND attempts = ${attempts} AND state = 'pending'`.execute(db);
}

interface DeliverySearch {
  readonly tenant: TenantId;
  readonly state?: DeliveryState;
  readonly destination?: string;
  readonly studyUid?: string;
  /** The last delivery of the page before. */
  readonly after?: string;
  readonly limit: number;
}

/** A delivery as it is listed. */
export interface DeliveryRow {
  readonly id: string;
  readonly destination: string;
  readonly destinationName: string;
  readonly kind: DestinationKind;
  readonly study: string;
  readonly run: number;
  readonly event: DeliveryEvent;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly createdAt: Date;
  readonly deliveredAt: Date | null;
}

/** A tenant's deliveries, newest first. */
export async function listDeliveries(
  db: Database,
  { tenant, state, destination, studyUid, after, limit }: DeliverySearch,
): Promise<DeliveryRow[]> {
  const conditions = [
    sql`delivery.tenant_id = ${tenant}`,
    ...(state === undefined ? [] : [sql`delivery.state = ${state}`]),
    ...(destination === undefined ? [] : [sql`delivery.destination_id = ${destination}`]),
    ...(studyUid === undefined ? [] : [sql`study.study_uid = ${studyUid}`]),
    ...(after === undefined
      ? []
      : [
          sql`(delivery.created_at, delivery.id) < (SELECT created_at, id FROM delivery
            WHERE id = ${after} AND tenant_id = ${tenant})`,
        ]),
  ];
  const { rows } = await sql<DeliveryRow>`
    SELECT delivery.id, destination.id AS destination, destination.name AS "destinationName",
      destination.kind, study.study_uid AS study, run.number AS run, delivery.event,
      delivery.state, delivery.attempts, delivery.last_error AS "lastError",
      delivery.created_at AS "createdAt", delivery.delivered_at AS "deliveredAt"
    FROM delivery
    JOIN destination ON destination.id = delivery.destination_id
    JOIN study ON study.id = delivery.study_id
    JOIN run ON run.id = delivery.run_id
    WHERE ${sql.join(conditions, sql` AND `)}
    ORDER BY delivery.created_at DESC, delivery.id DESC LIMIT ${limit}`.execute(db);
  return rows;
}

/** `superseded`: a later run of the study has been delivered there, which this would overwrite. */
export type ReplayOutcome = "replayed" | "not-found" | "superseded";

/** Makes a delivery due again that is dead, skipped or delivered. */
export async function replayDelivery(
  db: Database,
  tenant: TenantId,
  id: string,
): Promise<ReplayOutcome> {
  const { rows } = await sql<{ superseded: boolean }>`
    SELECT EXISTS (SELECT FROM delivery AS later JOIN run AS after ON after.id = later.run_id
      WHERE later.study_id = delivery.study_id AND later.destination_id = delivery.destination_id
        AND later.state = 'delivered' AND after.number > run.number) AS superseded
    FROM delivery JOIN run ON run.id = delivery.run_id
    WHERE delivery.id = ${id} AND delivery.tenant_id = ${tenant}
      AND delivery.destination_id IS NOT NULL`.execute(db);
  const [found] = rows;
  if (found === undefined) return "not-found";
  if (found.superseded) return "superseded";
  await db
    .updateTable("delivery")
    .set({ state: "pending", attempts: 0, not_before: new Date(), created_at: new Date() })
    .where("id", "=", id)
    .execute();
  return "replayed";
}

/** Makes every dead delivery of a destination due again; resolves with their number. */
export async function replayDead(
  db: Database,
  tenant: TenantId,
  destination: string,
): Promise<number> {
  const { numAffectedRows } = await sql`
    UPDATE delivery SET state = 'pending', attempts = 0, not_before = now(), created_at = now()
    WHERE tenant_id = ${tenant} AND destination_id = ${destination} AND state = 'dead'
      AND NOT EXISTS (SELECT FROM delivery AS later
        JOIN run AS after ON after.id = later.run_id
        JOIN run AS mine ON mine.id = delivery.run_id
        WHERE later.study_id = delivery.study_id
          AND later.destination_id = delivery.destination_id
          AND later.state = 'delivered' AND after.number > mine.number)`.execute(db);
  return Number(numAffectedRows ?? 0n);
}
