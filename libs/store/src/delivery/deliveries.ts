import type { TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import type { DeliveryEvent } from "../schema.ts";

/** A delivery that is due, with everything needed to send it. */
export interface DueDelivery {
  readonly id: string;
  readonly event: DeliveryEvent;
  readonly url: string;
  readonly secret: string;
  readonly study_uid: string;
  readonly run: number;
  /** This one included. */
  readonly attempts: number;
}

/**
 * Leases due deliveries for `leaseSeconds`, oldest first: no other sender takes them in that
 * time, and if this one dies they are due again afterwards. Delivery is at least once.
 */
export async function takeDeliveries(
  db: Database,
  { limit, leaseSeconds }: { readonly limit: number; readonly leaseSeconds: number },
): Promise<DueDelivery[]> {
  const { rows } = await sql<DueDelivery>`
    WITH taken AS (
      UPDATE delivery SET attempts = attempts + 1,
        not_before = now() + make_interval(secs => ${leaseSeconds})
      WHERE id IN (SELECT id FROM delivery WHERE state = 'pending' AND not_before <= now()
        ORDER BY not_before LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING id, webhook_id, study_id, run_id, event, attempts)
    SELECT taken.id, taken.event, taken.attempts, webhook.url, webhook.secret, study.study_uid,
      run.number AS run
    FROM taken
    JOIN webhook ON webhook.id = taken.webhook_id
    JOIN study ON study.id = taken.study_id
    JOIN run ON run.id = taken.run_id`.execute(db);
  return rows;
}

/** The outcome of sending; `attempts` fences off one that comes after the lease. */
type DeliveryOutcome =
  | { readonly kind: "delivered" }
  | { readonly kind: "retry"; readonly error: string; readonly notBefore: Date }
  | { readonly kind: "dead"; readonly error: string };

export async function settleDelivery(
  db: Database,
  { id, attempts }: Pick<DueDelivery, "id" | "attempts">,
  outcome: DeliveryOutcome,
): Promise<void> {
  const change =
    outcome.kind === "delivered"
      ? { state: "delivered" as const, delivered_at: new Date(), last_error: null }
      : {
          last_error: outcome.error,
          ...(outcome.kind === "dead"
            ? { state: "dead" as const }
            : { not_before: outcome.notBefore }),
        };
  await db
    .updateTable("delivery")
    .set(change)
    .where("id", "=", id)
    .where("attempts", "=", attempts)
    .where("state", "=", "pending")
    .execute();
}

interface DeliverySearch {
  readonly tenant: TenantId;
  readonly state?: "pending" | "delivered" | "dead";
  readonly limit: number;
}

/** A tenant's deliveries, newest first. */
export function listDeliveries(db: Database, { tenant, state, limit }: DeliverySearch) {
  let query = db
    .selectFrom("delivery")
    .innerJoin("study", "study.id", "delivery.study_id")
    .select(["delivery.id", "delivery.webhook_id", "delivery.event", "delivery.state"])
    .select(["delivery.attempts", "delivery.last_error", "delivery.created_at"])
    .select(["delivery.delivered_at", "study.study_uid"])
    .where("delivery.tenant_id", "=", tenant)
    .orderBy("delivery.created_at", "desc")
    .limit(limit);
  if (state !== undefined) query = query.where("delivery.state", "=", state);
  return query.execute();
}

/** Makes a dead or delivered delivery due again; false when the tenant has none of that id. */
export async function replayDelivery(db: Database, tenant: TenantId, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("delivery")
    .set({ state: "pending", attempts: 0, not_before: new Date() })
    .where("id", "=", id)
    .where("tenant_id", "=", tenant)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}
