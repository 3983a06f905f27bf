import { fileURLToPath } from "node:url";
import type { BlobStore } from "@axial/blobs";
import { ModelCatalogue } from "@axial/inference/packages";
import {
  type LiveTls,
  type Logger,
  type Metrics,
  NO_TRACING,
  OutageLog,
  type Queues,
  type RecordAccess,
  type Tracing,
} from "@axial/kit";
import { GroupCommit } from "@axial/kit/loops";
import { type AddressGuard, createAddressGuard } from "@axial/kit/network";
import type { Connections } from "@axial/service";
import { type Database, isTransientDatabaseError } from "@axial/store/database";
import { type InstanceOutcome, type NewInstance, storeInstances } from "@axial/store/ingest";
import { AdmissionGate } from "./admission/admission-gate.ts";
import { backlogGauge, databaseGauge, diskGauge } from "./admission/gauges.ts";
import { TenantQuotas } from "./admission/tenant-quotas.ts";
import { TenantDeidentifiers } from "./deidentify/tenant-deidentifiers.ts";
import { Examiner } from "./examine/examiner.ts";
import { ResultWaiter } from "./results/result-waiter.ts";
import { SameInstance } from "./same-instance.ts";

/** Rows of one commit: about 300 KB of JSON. */
const COMMIT_ITEMS = 256;
const CONCURRENT_COMMITS = 2;

/** What the gateway's routes and loops are functions of. */
export interface Dependencies {
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly queues: Queues;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly audit: RecordAccess;
  readonly deidentifiers: TenantDeidentifiers;
  readonly models: ModelCatalogue;
  readonly gate: AdmissionGate;
  /** What each tenant may store. */
  readonly quotas: TenantQuotas;
  /** Says once per outage that instances cannot be stored, and why. */
  readonly storeOutage: OutageLog;
  readonly results: ResultWaiter;
  /** Reads what ingest needs of an instance. */
  readonly examiner: Examiner;
  /** Tells another hop's copy of an instance from another instance. */
  readonly sameInstance: SameInstance;
  /** Base address of the archive, where a door in front does not tell reads from stores. */
  readonly archiveUrl: string | undefined;
  /** Which addresses sources may be at. */
  readonly guard: AddressGuard;
  /** Shown to the archive; null: it is reached by HTTP, or by HTTPS without a certificate. */
  readonly tls: LiveTls | null;
  readonly committer: GroupCommit<NewInstance, InstanceOutcome>;
}

export interface DependencyOptions extends Connections {
  readonly queues: Queues;
  readonly modelsDir: string;
  readonly marks?: Partial<HighWaterMarks>;
  /** Base address of the archive: reads on the paths of STOW-RS are forwarded to it. */
  readonly archiveUrl?: string | undefined;
  /** Networks inside the house where sources may be, such as `10.1.0.0/16`; none without it. */
  readonly networks?: readonly string[];
}

/** Beyond these the gateway takes nothing more. */
interface HighWaterMarks {
  readonly maxPendingTasks: number;
  /** Undefined: sized from the database's volume where that is on this machine. */
  readonly maxDatabaseBytes: number | undefined;
  /** Where PostgreSQL keeps its files, when that is on this machine. */
  readonly databaseFolder: string | undefined;
  /** Disk left to Postgres, temporary files and the results of what was accepted. */
  readonly reservedDiskBytes: number;
}

const HIGH_WATER_MARKS: HighWaterMarks = {
  maxPendingTasks: 5_000_000,
  maxDatabaseBytes: undefined,
  databaseFolder: undefined,
  reservedDiskBytes: 2e9,
};

export function createDependencies(options: DependencyOptions): Dependencies {
  const { db, blobs, blobUrl, queues, logger, metrics, audit, tracing = NO_TRACING } = options;
  const marks = { ...HIGH_WATER_MARKS, ...options.marks };
  // Senders are turned away before the disk of a blob folder is full.
  const disk = blobUrl.startsWith("file:")
    ? [diskGauge(fileURLToPath(blobUrl), marks.reservedDiskBytes, metrics)]
    : [];
  const databaseLimit = {
    maxBytes: marks.maxDatabaseBytes ?? null,
    folder: marks.databaseFolder ?? null,
    reservedBytes: marks.reservedDiskBytes,
  };
  return {
    db,
    blobs,
    queues,
    logger,
    metrics,
    tracing,
    audit,
    deidentifiers: new TenantDeidentifiers(db),
    archiveUrl: options.archiveUrl,
    guard: createAddressGuard(options.networks ?? []),
    tls: options.tls ?? null,
    quotas: new TenantQuotas(db, metrics),
    storeOutage: new OutageLog(logger, "storing instances"),
    results: new ResultWaiter(),
    examiner: new Examiner(),
    sameInstance: new SameInstance(blobs, logger),
    models: new ModelCatalogue(options.modelsDir, (folder, err) =>
      logger.warn({ err, folder }, "invalid model"),
    ),
    gate: new AdmissionGate(
      [...disk, backlogGauge(db, marks.maxPendingTasks), databaseGauge(db, databaseLimit, metrics)],
      { metrics, logger },
    ),
    committer: new GroupCommit(
      {
        maxItems: COMMIT_ITEMS,
        // One writes its rows while the other's log is synced.
        concurrency: CONCURRENT_COMMITS,
        // A bad row is its sender's alone.
        isCommon: isTransientDatabaseError,
      },
      (instances) => storeInstances(db, instances, blobs),
    ),
  };
}
