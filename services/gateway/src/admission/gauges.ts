import { statfs } from "node:fs/promises";
import type { Database } from "@axial/store/database";
import { estimateDatabase } from "@axial/store/dispatch";
import type { Gauge } from "./admission-gate.ts";

/** Full when no more than `reservedBytes` are free: Postgres and the results need room too. */
export function diskGauge(folder: string, reservedBytes: number): Gauge {
  return {
    name: "the blob store's disk",
    read: async () => {
      const { bavail, bsize } = await statfs(folder);
      return reservedBytes / Math.max(bavail * bsize, 1);
    },
  };
}

interface DatabaseMarks {
  readonly maxPendingTasks: number;
  readonly maxDatabaseBytes: number;
}

/** How much of the backlog and of the database's size is used. */
export function databaseGauge(db: Database, marks: DatabaseMarks): Gauge {
  return {
    name: "the backlog or the database",
    read: async () => {
      const { pendingTasks, bytes } = await estimateDatabase(db);
      return Math.max(pendingTasks / marks.maxPendingTasks, bytes / marks.maxDatabaseBytes);
    },
  };
}
