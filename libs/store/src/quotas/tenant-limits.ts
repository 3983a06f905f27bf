import type { TenantId } from "@axial/contracts";
import type { Database } from "../database.ts";

/** Limits that processes apply by themselves; null for none. */
export interface TenantLimits {
  readonly requestsPerMinute: number | null;
  readonly eventStreams: number | null;
  /** Whether there is such a tenant. */
  readonly exists: boolean;
}

/** The limits of a tenant; none of a tenant that there is not. */
export async function readTenantLimits(db: Database, tenant: TenantId): Promise<TenantLimits> {
  const row = await db
    .selectFrom("tenant")
    .select(["max_requests_per_minute", "max_event_streams"])
    .where("id", "=", tenant)
    .executeTakeFirst();
  return {
    exists: row !== undefined,
    requestsPerMinute: row?.max_requests_per_minute ?? null,
    eventStreams: row?.max_event_streams ?? null,
  };
}
