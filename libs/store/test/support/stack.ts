import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BlobStore, openBlobStore } from "@axial/blobs";
import { type Database, openDatabase } from "@axial/store/database";
import { migrate } from "@axial/store/migrate";
import { type PostgresServer, startPostgres } from "@axial/testkit";

export interface Stack {
  readonly server: PostgresServer;
  readonly url: string;
  readonly db: Database;
  readonly blobs: BlobStore;
  stop(): Promise<void>;
}

/** A migrated database on a server of its own and an empty blob store. */
export async function startStack(): Promise<Stack> {
  const server = await startPostgres();
  const url = await server.createDatabase();
  const db = openDatabase(url, { onIdleError: () => {} });
  await migrate(db);
  const folder = await mkdtemp(join(tmpdir(), "axial-test-store-"));
  return {
    server,
    url,
    db,
    blobs: openBlobStore(pathToFileURL(folder).href),
    stop: async () => {
      await db.destroy();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
