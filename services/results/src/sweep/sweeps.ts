import type { Database } from "@axial/store/database";
import { sweepDeleted } from "@axial/store/deletion";
import { sweepOrders } from "@axial/store/orders";
import { foldTenantUsage, sweepQuotaCounts } from "@axial/store/quotas";
import {
  collectCondemned,
  forgetCollected,
  type RetentionPolicy,
  readPolicies,
  sweepAudit,
  sweepDeliveries,
  sweepIdempotencyKeys,
  sweepImages,
  sweepImagesBySize,
  sweepStudies,
  sweepSuperseded,
} from "@axial/store/retention";
import { sweepPulls } from "@axial/store/sources";
import type { Dependencies } from "../dependencies.ts";
import { condemnShard } from "./condemn-shard.ts";
import { removeLeftovers } from "./queue-leftovers.ts";

/** What sweeps work on. */
export interface SweepDependencies
  extends Pick<Dependencies, "db" | "blobs" | "queues" | "metrics"> {
  /** Aborted when the process closes: a sweep ends after its present batch. */
  readonly closing: AbortSignal;
}

/** One kind of sweep: some process takes its turn every so often. */
interface Sweep {
  readonly name: string;
  readonly everySeconds: number;
  /** `turn` counts up, for sweeps that do a part at a time. */
  readonly run: (dependencies: SweepDependencies, turn: number) => Promise<void>;
}

const HALF_MINUTE = 30;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Longer than any upload may take; see docs/adr/0009. */
const REMEMBER_COLLECTED_SECONDS = 7 * DAY;
/** Blobs are looked through in so many parts, all of them once a day. */
const SHARDS = 256;

export const SWEEPS: readonly Sweep[] = [
  { name: "retention", everySeconds: 5 * MINUTE, run: sweepTenants },
  { name: "blobs", everySeconds: MINUTE, run: collectBlobs },
  {
    name: "garbage",
    everySeconds: Math.floor(DAY / SHARDS),
    run: ({ db, blobs }, turn) => condemnShard(db, blobs, turn % SHARDS),
  },
  { name: "idempotency", everySeconds: HOUR, run: forgetAnswers },
  { name: "usage", everySeconds: HALF_MINUTE, run: foldUsage },
  { name: "queues", everySeconds: HOUR, run: sweepQueues },
  { name: "unfinished-uploads", everySeconds: DAY, run: async ({ blobs }) => blobs.tidy?.() },
];

type TenantSweep = (db: Database, policy: RetentionPolicy) => Promise<number> | 0 | null;

/** In this order: what goes with its study need not go before. */
const OF_TENANTS: Readonly<Record<string, TenantSweep>> = {
  studies: (db, { tenant, studiesDays }) => studiesDays && sweepStudies(db, tenant, studiesDays),
  images: (db, { tenant, imagesDays }) => imagesDays && sweepImages(db, tenant, imagesDays),
  images_by_size: (db, { tenant, imageBytes }) =>
    imageBytes === null ? null : sweepImagesBySize(db, tenant, imageBytes),
  superseded_runs: (db, { tenant, supersededDays }) =>
    supersededDays && sweepSuperseded(db, tenant, supersededDays),
  deliveries: (db, { tenant, deliveriesDays }) =>
    deliveriesDays && sweepDeliveries(db, tenant, deliveriesDays),
  pulls: (db, { tenant, deliveriesDays }) =>
    deliveriesDays && sweepPulls(db, tenant, deliveriesDays),
  audit: (db, { tenant, auditDays }) => auditDays && sweepAudit(db, tenant),
};

async function sweepTenants(dependencies: SweepDependencies): Promise<void> {
  await repeat(dependencies, "deleted_instances", () => sweepDeleted(dependencies.db));
  for (const policy of await readPolicies(dependencies.db)) {
    for (const [kind, sweep] of Object.entries(OF_TENANTS)) {
      await repeat(dependencies, kind, async () => (await sweep(dependencies.db, policy)) ?? 0);
    }
  }
}

/** Runs batches of a sweep until one finds nothing, or the process closes. */
async function repeat(
  { metrics, closing }: SweepDependencies,
  kind: string,
  batch: () => Promise<number>,
): Promise<void> {
  metrics.sweptTotal.inc({ kind }, 0);
  while (!closing.aborted) {
    const swept = await batch();
    if (swept === 0) return;
    metrics.sweptTotal.inc({ kind }, swept);
  }
}

async function collectBlobs({ db, blobs, metrics, closing }: SweepDependencies): Promise<void> {
  const collected = await collectCondemned(db, blobs, closing);
  metrics.sweptTotal.inc({ kind: "blobs" }, collected.blobs);
  metrics.sweptBytes.inc(collected.bytes);
  await forgetCollected(db, REMEMBER_COLLECTED_SECONDS);
}

async function forgetAnswers(dependencies: SweepDependencies): Promise<void> {
  const { db } = dependencies;
  await repeat(dependencies, "idempotency_keys", () => sweepIdempotencyKeys(db));
  await repeat(dependencies, "orders", () => sweepOrders(db));
}

/** What tenants use is read from few rows, and counts of the past are gone. */
async function foldUsage({ db, closing }: SweepDependencies): Promise<void> {
  while (!closing.aborted && (await foldTenantUsage(db)) > 0);
  await sweepQuotaCounts(db);
}

async function sweepQueues({ db, queues, metrics }: SweepDependencies): Promise<void> {
  metrics.sweptTotal.inc({ kind: "jobs" }, await removeLeftovers(db, queues));
}
