import type { Database } from "../database.ts";

/** A worker that has been silent for this long is gone. */
const WORKER_SILENCE_MS = 30_000;

/** Workers seen recently, by name. */
export function readWorkers(db: Database, now: number = Date.now()) {
  return db
    .selectFrom("worker")
    .selectAll()
    .where("seen_at", ">", new Date(now - WORKER_SILENCE_MS))
    .orderBy("id")
    .execute();
}
export type WorkerRow = Awaited<ReturnType<typeof readWorkers>>[number];
