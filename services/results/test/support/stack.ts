import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pathToFileURL } from "node:url";
import { type BlobStore, openBlobStore } from "@axial/blobs";
import { createLogger, type Logger } from "@axial/kit";
import { type Database, openDatabase } from "@axial/store/database";
import { migrate } from "@axial/store/migrate";
import { type PostgresServer, startPostgres } from "@axial/testkit";

export interface Stack {
  readonly server: PostgresServer;
  readonly databaseUrl: string;
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly blobUrl: string;
  readonly logger: Logger;
  /** Every log line so far. */
  readonly logged: () => string;
  stop(): Promise<void>;
}

/** A migrated database and an empty blob store, real ones. */
export async function startStack(): Promise<Stack> {
  const server = await startPostgres();
  const databaseUrl = await server.createDatabase();
  const db = openDatabase(databaseUrl, { onIdleError: () => {} });
  await migrate(db);
  const folder = await mkdtemp(join(tmpdir(), "axial-test-results-"));
  const blobUrl = pathToFileURL(`${folder}/`).href;
  const lines: string[] = [];
  const destination = new PassThrough();
  destination.on("data", (chunk) => lines.push(String(chunk)));
  return {
    server,
    databaseUrl,
    db,
    blobs: openBlobStore(blobUrl),
    blobUrl,
    logger: createLogger({ service: "test", destination }),
    logged: () => lines.join(""),
    stop: async () => {
      await db.destroy();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
