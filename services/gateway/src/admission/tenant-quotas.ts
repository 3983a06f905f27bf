import { AxialError, type TenantId } from "@axial/contracts";
import type { Metrics } from "@axial/kit";
import type { Database } from "@axial/store/database";
import { readStoreQuota, type StoreQuota } from "@axial/store/quotas";

/** What is used is read again after this: other gateways may exceed a quota for so long. */
const FRESH_MS = 1_000;
/** A backlog is worked off in minutes. */
const BACKLOG_RETRY_SECONDS = 30;

/** Room in a tenant's quota for one instance. */
export interface QuotaPlace {
  /** To be called once the instance is committed, or has failed. */
  release(): void;
}

interface Amount {
  bytes: number;
  instances: number;
}

interface Known {
  readAt: number;
  reading: Promise<void>;
  quota: StoreQuota | null;
  /** On its way into the store. */
  readonly held: Amount;
  /** Settled since the reading began. */
  readonly settled: Amount;
}

/** Of a tenant without a quota. */
const UNLIMITED: QuotaPlace = { release: () => {} };

/**
 * What tenants may store and have waiting, judged before the body is read and again for each
 * instance. What this process has taken counts until a reading has seen it.
 */
export class TenantQuotas {
  readonly #db: Database;
  readonly #metrics: Metrics;
  readonly #tenants = new Map<TenantId, Known>();

  constructor(db: Database, metrics: Metrics) {
    this.#db = db;
    this.#metrics = metrics;
    for (const quota of ["requests", "stored", "pending-tasks", "keys"]) {
      metrics.quotaRefused.inc({ quota }, 0);
    }
  }

  /**
   * Resolves when the tenant may send `bytes` more. Rejects with `quota-exceeded` when they do not
   * fit, with `rate-limited` while too many of its tasks wait.
   */
  async admit(tenant: TenantId, bytes = 0): Promise<void> {
    await this.refresh(tenant);
    const known = this.#tenants.get(tenant);
    if (known?.quota == null) return;
    const { maxPendingTasks, pendingTasks } = known.quota;
    if (maxPendingTasks !== null && pendingTasks >= maxPendingTasks) {
      this.#metrics.quotaRefused.inc({ quota: "pending-tasks" });
      const detail = `${maxPendingTasks} tasks of the tenant wait`;
      throw new AxialError("rate-limited", { detail, retryAfterSeconds: BACKLOG_RETRY_SECONDS });
    }
    if (fits(known, bytes)) return;
    this.#metrics.quotaRefused.inc({ quota: "stored" });
    throw new AxialError("quota-exceeded", { detail: said(known.quota) });
  }

  /** Resolves when what is known of the tenant is no older than a second. */
  async refresh(tenant: TenantId): Promise<void> {
    const known = this.#tenants.get(tenant) ?? newTenant();
    this.#tenants.set(tenant, known);
    if (Date.now() - known.readAt >= FRESH_MS) {
      known.readAt = Date.now();
      known.reading = this.#read(tenant, known);
    }
    return known.reading;
  }

  /** Takes room for an instance of `bytes`; null when there is none. After `refresh`. */
  take(tenant: TenantId, bytes: number): QuotaPlace | null {
    const known = this.#tenants.get(tenant);
    if (known?.quota == null || !isLimited(known.quota)) return UNLIMITED;
    if (!fits(known, bytes)) {
      this.#metrics.quotaRefused.inc({ quota: "stored" });
      return null;
    }
    const one = { bytes, instances: 1 };
    add(known.held, one);
    return {
      release: () => {
        add(known.held, one, -1);
        add(known.settled, one);
      },
    };
  }

  async #read(tenant: TenantId, known: Known): Promise<void> {
    const before = { ...known.settled };
    try {
      known.quota = await readStoreQuota(this.#db, tenant);
      add(known.settled, before, -1);
    } catch (error) {
      known.readAt = 0;
      throw error;
    }
  }
}

function newTenant(): Known {
  const none = () => ({ bytes: 0, instances: 0 });
  return { readAt: 0, reading: Promise.resolve(), quota: null, held: none(), settled: none() };
}

function add(to: Amount, { bytes, instances }: Amount, times = 1): void {
  to.bytes += times * bytes;
  to.instances += times * instances;
}

function isLimited({ maxStoredBytes, maxStoredInstances }: StoreQuota): boolean {
  return maxStoredBytes !== null || maxStoredInstances !== null;
}

/** Whether one more instance of `bytes` has room. */
function fits({ quota, held, settled }: Known, bytes: number): boolean {
  if (quota === null) return true;
  const { maxStoredBytes, maxStoredInstances, storedBytes, storedInstances } = quota;
  const usedBytes = storedBytes + held.bytes + settled.bytes;
  const usedInstances = storedInstances + held.instances + settled.instances;
  const bytesFit = maxStoredBytes === null || usedBytes + bytes <= maxStoredBytes;
  return bytesFit && (maxStoredInstances === null || usedInstances < maxStoredInstances);
}

function said({ maxStoredBytes, maxStoredInstances }: StoreQuota): string {
  const limits = [
    maxStoredBytes === null ? [] : [`${maxStoredBytes} bytes`],
    maxStoredInstances === null ? [] : [`${maxStoredInstances} instances`],
  ].flat();
  return `the tenant may store ${limits.join(" and ")}`;
}
