import type { Metrics } from "@axial/kit";
import type { Database } from "@axial/store/database";
import { estimateDatabase } from "@axial/store/dispatch";
import type { Gauge } from "./admission-gate.ts";
import { readVolume } from "./disk-volume.ts";

/** Full when no more than `reservedBytes` are free: Postgres and the results need room too. */
export function diskGauge(folder: string, reservedBytes: number, metrics: Metrics): Gauge {
  return {
    name: "blob-disk",
    what: "the blob store's disk",
    read: async () => {
      const { size, free } = await readVolume(folder);
      metrics.diskSize.set({ volume: "blobs" }, size);
      metrics.diskFree.set({ volume: "blobs" }, free);
      return reservedBytes / Math.max(free, 1);
    },
  };
}

/** How much of the backlog's limit is used. */
export function backlogGauge(db: Database, maxPendingTasks: number): Gauge {
  return {
    name: "backlog",
    what: "the backlog",
    read: async () => (await estimateDatabase(db)).pendingTasks / maxPendingTasks,
  };
}

/** How large the database may become. */
export interface DatabaseLimit {
  /** Null to size it from the volume. */
  readonly maxBytes: number | null;
  /** Where it keeps its files, when that is on this machine. */
  readonly folder: string | null;
  /** Of its volume, left free. */
  readonly reservedBytes: number;
}

/** Where nothing says how large the volume of the database is. */
const UNKNOWN_DATABASE_LIMIT = 200e9;

/** How much of the database's limit is used. */
export function databaseGauge(db: Database, limit: DatabaseLimit, metrics: Metrics): Gauge {
  return {
    name: "database",
    what: "the database",
    read: async () => {
      const { bytes } = await estimateDatabase(db);
      const most = await limitOf(limit, bytes, metrics);
      metrics.databaseBytes.set(bytes);
      metrics.databaseLimit.set(most);
      return bytes / most;
    },
  };
}

/** The limit that was set, else what is used and what the volume has room for, else a guess. */
async function limitOf(limit: DatabaseLimit, bytes: number, metrics: Metrics): Promise<number> {
  if (limit.folder === null) return limit.maxBytes ?? UNKNOWN_DATABASE_LIMIT;
  const { size, free } = await readVolume(limit.folder);
  metrics.diskSize.set({ volume: "database" }, size);
  metrics.diskFree.set({ volume: "database" }, free);
  return limit.maxBytes ?? Math.max(1, bytes + free - limit.reservedBytes);
}
