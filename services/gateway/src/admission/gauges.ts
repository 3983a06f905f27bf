import { type Metrics, readVolume, type Volume } from "@axial/kit";
import type { Database } from "@axial/store/database";
import { estimateDatabase } from "@axial/store/dispatch";
import type { Gauge } from "./admission-gate.ts";

/** Full when no more than `reservedBytes` are free: Postgres and the results need room too. */
export function diskGauge(folder: string, reservedBytes: number, metrics: Metrics): Gauge {
  return {
    name: "blob-disk",
    what: "the blob store's disk",
    read: async () => {
      const disk = await readVolume(folder);
      metrics.diskSize.set({ volume: "blobs" }, disk.size);
      metrics.diskFree.set({ volume: "blobs" }, disk.free);
      return { level: reservedBytes / Math.max(disk.free, 1), disk };
    },
  };
}

/** How much of the backlog's limit is used. */
export function backlogGauge(db: Database, maxPendingTasks: number): Gauge {
  return {
    name: "backlog",
    what: "the backlog",
    read: async () => ({ level: (await estimateDatabase(db)).pendingTasks / maxPendingTasks }),
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
      const disk = limit.folder === null ? null : await readVolume(limit.folder);
      if (disk !== null) {
        metrics.diskSize.set({ volume: "database" }, disk.size);
        metrics.diskFree.set({ volume: "database" }, disk.free);
      }
      const most = limit.maxBytes ?? roomFor(bytes, disk, limit.reservedBytes);
      metrics.databaseBytes.set(bytes);
      metrics.databaseLimit.set(most);
      return { level: bytes / most, ...(disk !== null && { disk }) };
    },
  };
}

/** What is used and what the volume has room for; a guess where the volume is not known. */
function roomFor(bytes: number, disk: Volume | null, reservedBytes: number): number {
  if (disk === null) return UNKNOWN_DATABASE_LIMIT;
  return Math.max(1, bytes + disk.free - reservedBytes);
}
