import { newId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

/** A hold that is not renewed expires: its holder died. */
const HOLD_SECONDS = 120;
const RENEW_MS = 20_000;

export interface BlobHold {
  /** Throws when the hold lapsed: blobs may have been collected. */
  check(): void;
  release(): Promise<void>;
}

/**
 * Keeps every blob in the store while they are copied. Every blob that a row refers to from now
 * on stays until the release: a collection under way has only chosen blobs without a committed
 * reference.
 */
export async function holdBlobs(db: Database): Promise<BlobHold> {
  const id = newId();
  let failure: Error | undefined;
  await renew(db, id);
  const timer = setInterval(() => {
    renew(db, id).catch((error: unknown) => {
      failure = new Error("the hold on the blobs could not be renewed", { cause: error });
    });
  }, RENEW_MS);
  return {
    check: () => {
      if (failure !== undefined) throw failure;
    },
    release: async () => {
      clearInterval(timer);
      await db.deleteFrom("blob_hold").where("id", "=", id).execute();
    },
  };
}

async function renew(db: Database, id: string): Promise<void> {
  await sql`
    INSERT INTO blob_hold (id, until) VALUES (${id}, now() + make_interval(secs => ${HOLD_SECONDS}))
    ON CONFLICT (id) DO UPDATE SET until = excluded.until`.execute(db);
  await sql`DELETE FROM blob_hold WHERE until < now()`.execute(db);
}
