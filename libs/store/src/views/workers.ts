import type { Database } from "../database.ts";

/** A worker that has been silent for this long is gone. */
export const WORKER_SILENT_SECONDS = 30;

/** Workers seen recently, by name. */
export function readWorkers(db: Database, now: number = Date.now()) {
  return db
    .selectFrom("worker")
    .selectAll()
    .where("seen_at", ">", new Date(now - WORKER_SILENT_SECONDS * 1_000))
    .orderBy("id")
    .execute();
}
export type WorkerRow = Awaited<ReturnType<typeof readWorkers>>[number];
