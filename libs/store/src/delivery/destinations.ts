import {
  type DestinationFilter,
  type DestinationKind,
  newId,
  type ResultFormat,
  type TenantId,
} from "@axial/contracts";
import { type Selectable, sql } from "kysely";
import { type AuditEntry, writeAudit } from "../audit/index.ts";
import type { Database } from "../database.ts";
import type { DestinationTable } from "../schema.ts";
import { deleteTenantRow, rowsById, type TenantKey } from "../tenant-rows.ts";

export type DestinationRow = Selectable<DestinationTable>;
type Actor = AuditEntry["principal"];

export interface NewDestinationRow {
  readonly tenant: TenantId;
  readonly name: string;
  readonly kind: DestinationKind;
  /** Where it is and how it is spoken to, as `DestinationTarget`. */
  readonly target: object;
  /** Signs what is posted; null for kinds that sign nothing. */
  readonly secret: string | null;
  readonly formats: readonly ResultFormat[];
  readonly filter: DestinationFilter;
  readonly syntheticModels: readonly string[];
  readonly paused: boolean;
}

/** Makes a destination, audited; null when the tenant has one of that name. */
export function createDestination(
  db: Database,
  { tenant, ...destination }: NewDestinationRow,
  by: Actor,
): Promise<DestinationRow | null> {
  return db.transaction().execute(async (trx) => {
    const { syntheticModels, formats, target, filter, ...plain } = destination;
    const made = await trx
      .insertInto("destination")
      .values({
        ...{ id: newId(), tenant_id: tenant, ...plain },
        ...{ formats: [...formats], synthetic_models: [...syntheticModels] },
        ...{ target: JSON.stringify(target), filter: JSON.stringify(filter) },
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst();
    if (made === undefined) return null;
    await writeAudit(trx, {
      principal: by,
      action: "destination.create",
      target: made.id,
      detail: {
        kind: made.kind,
        formats: made.formats.join(" "),
        syntheticModels: made.synthetic_models.join(" "),
      },
    });
    return made;
  });
}

export interface DestinationChange {
  readonly name?: string | undefined;
  readonly formats?: readonly ResultFormat[] | undefined;
  readonly filter?: DestinationFilter | undefined;
  readonly syntheticModels?: readonly string[] | undefined;
  readonly paused?: boolean | undefined;
}

/** Changes what a destination gets, audited; false when the tenant has none of that id. */
export function changeDestination(
  db: Database,
  { tenant, id, ...change }: TenantKey & DestinationChange,
  by: Actor,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { name, formats, filter, syntheticModels, paused } = change;
    const columns = {
      ...(name === undefined ? {} : { name }),
      ...(formats === undefined ? {} : { formats: [...formats] }),
      ...(filter === undefined ? {} : { filter: JSON.stringify(filter) }),
      ...(syntheticModels === undefined ? {} : { synthetic_models: [...syntheticModels] }),
      ...(paused === undefined ? {} : { paused }),
    };
    const { numUpdatedRows } = await trx
      .updateTable("destination")
      .set(columns)
      .where("id", "=", id)
      .where("tenant_id", "=", tenant)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) return false;
    const detail = {
      changed: Object.keys(columns).join(" "),
      ...(syntheticModels === undefined ? {} : { syntheticModels: syntheticModels.join(" ") }),
    };
    await writeAudit(trx, { principal: by, action: "destination.change", target: id, detail });
    return true;
  });
}

/** Removes a destination with its deliveries, audited; false when the tenant has none of that id. */
export function deleteDestination(db: Database, key: TenantKey, by: Actor): Promise<boolean> {
  return deleteTenantRow(db, "destination", {
    ...key,
    principal: by,
    action: "destination.delete",
  });
}

/** A destination and how its deliveries fare. */
export interface DestinationState extends DestinationRow {
  readonly pending: number;
  readonly dead: number;
  readonly delivered_at: Date | null;
}

/** A tenant's destinations by name. */
export async function listDestinations(
  db: Database,
  tenant: TenantId,
): Promise<DestinationState[]> {
  const { rows } = await sql<DestinationState>`
    SELECT destination.*,
      (SELECT count(*)::integer FROM delivery
        WHERE destination_id = destination.id AND state = 'pending') AS pending,
      (SELECT count(*)::integer FROM delivery
        WHERE destination_id = destination.id AND state = 'dead') AS dead,
      (SELECT max(delivered_at) FROM delivery
        WHERE destination_id = destination.id) AS delivered_at
    FROM destination WHERE tenant_id = ${tenant} ORDER BY name`.execute(db);
  return rows;
}

/** Destinations by id, of any tenant. */
export function readDestinations(
  db: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DestinationRow>> {
  return rowsById<DestinationRow>(db, "destination", ids);
}

/** Pending and dead deliveries of each kind, for metrics. */
export async function countDeliveries(
  db: Database,
): Promise<{ readonly kind: DestinationKind; readonly state: string; readonly count: number }[]> {
  const { rows } = await sql<{ kind: DestinationKind; state: string; count: number }>`
    SELECT kind, state, count(*)::integer AS count FROM delivery
    JOIN destination ON destination.id = delivery.destination_id
    WHERE state IN ('pending', 'dead') GROUP BY kind, state`.execute(db);
  return rows;
}
