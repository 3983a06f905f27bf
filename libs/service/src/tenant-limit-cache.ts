import type { TenantId } from "@axial/contracts";
import type { Database } from "@axial/store/database";
import { readTenantLimits, type TenantLimits } from "@axial/store/quotas";

/** A change takes effect within this time. */
const FRESH_MS = 3_000;

/** Limits of tenants, read again every few seconds. */
export class TenantLimitCache {
  readonly #db: Database;
  readonly #known = new Map<TenantId, { at: number; limits: Promise<TenantLimits> }>();

  constructor(db: Database) {
    this.#db = db;
  }

  of(tenant: TenantId): Promise<TenantLimits> {
    const known = this.#known.get(tenant);
    if (known !== undefined && Date.now() - known.at < FRESH_MS) return known.limits;
    const limits = readTenantLimits(this.#db, tenant);
    this.#known.set(tenant, { at: Date.now(), limits });
    limits.catch(() => this.#known.delete(tenant));
    return limits;
  }
}
