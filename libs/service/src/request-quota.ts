import type { TenantId } from "@axial/contracts";
import { type Logger, OutageLog, type RequestQuota } from "@axial/kit";
import type { Database } from "@axial/store/database";
import { addRequestCounts, type MinuteCount } from "@axial/store/quotas";
import type { TenantLimitCache } from "./tenant-limit-cache.ts";

/** Processes tell each other what they counted this often: for so long a tenant may exceed it. */
const TELL_EVERY_MS = 250;

interface Count {
  /** Of all processes, as last told. */
  known: number;
  /** Of this one since. */
  own: number;
  /** When the minute is over, by this process's clock. */
  until: number;
}

interface QuotaOptions {
  readonly db: Database;
  readonly limits: TenantLimitCache;
  readonly logger: Logger;
}

/**
 * Requests of tenants, counted by all processes together: each counts by itself and adds its counts
 * to those in PostgreSQL four times a second, so that a request costs no statement. While PostgreSQL
 * is away each counts alone.
 */
export class SharedRequestQuota implements RequestQuota {
  readonly #options: QuotaOptions;
  readonly #counts = new Map<string, Count>();
  readonly #outage: OutageLog;
  readonly #timer: NodeJS.Timeout;
  #telling: Promise<void> = Promise.resolve();

  constructor(options: QuotaOptions) {
    this.#options = options;
    this.#outage = new OutageLog(options.logger, "counts of requests");
    this.#timer = setInterval(() => {
      this.#telling = this.#telling.then(() => this.#tell());
    }, TELL_EVERY_MS);
  }

  limitOf = async (tenant: TenantId): Promise<number | null> =>
    (await this.#options.limits.of(tenant)).requestsPerMinute;

  count = (key: string): { current: number; ttl: number } => {
    const now = Date.now();
    let count = this.#counts.get(key);
    if (count === undefined || count.until <= now) {
      count = { known: 0, own: 0, until: (Math.floor(now / 60_000) + 1) * 60_000 };
      this.#counts.set(key, count);
    }
    count.own += 1;
    return { current: count.known + count.own, ttl: count.until - now };
  };

  /** Resolves when nothing more is told. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#telling;
  }

  async #tell(): Promise<void> {
    const told = [...this.#counts].flatMap(([key, { own }]) =>
      own === 0 ? [] : [{ key, requests: own }],
    );
    if (told.length === 0) return;
    try {
      const sums = await addRequestCounts(this.#options.db, told);
      for (const { key, requests } of told) this.#told(key, requests, sums);
      this.#outage.worked();
    } catch (error) {
      this.#outage.failed(error);
    }
  }

  #told(key: string, requests: number, sums: readonly MinuteCount[]): void {
    const count = this.#counts.get(key);
    const sum = sums.find((one) => one.key === key);
    if (count === undefined || sum === undefined) return;
    count.own = Math.max(0, count.own - requests);
    count.known = sum.requests;
    count.until = Date.now() + sum.leftMs;
  }
}
