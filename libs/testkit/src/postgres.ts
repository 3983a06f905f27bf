import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalPostgres } from "@axial/local-postgres";
import { copyCluster, SCHEMA_TEMPLATE } from "./cluster-template.ts";
import { containersWanted } from "./containers/container.ts";
import { startPostgresContainer } from "./containers/postgres-container.ts";
import type { PostgresServer } from "./servers.ts";

/** A real PostgreSQL on a free port with nothing in it, without sync: for tests only. */
export async function startPostgres(): Promise<PostgresServer> {
  if (containersWanted()) return startPostgresContainer();
  const folder = await mkdtemp(join(tmpdir(), "axial-test-pg-"));
  // Postgres runs as another user when root runs the tests, and must reach its folder.
  await chmod(folder, 0o755);
  const copied = await copyCluster(folder);
  const server = await startLocalPostgres({
    folder: copied ?? join(folder, "cluster"),
    durable: false,
  });
  return {
    pid: server.pid,
    createDatabase: ({ empty = false } = {}) => {
      const template = empty || copied === null ? undefined : SCHEMA_TEMPLATE;
      return server.database(`t${randomBytes(6).toString("hex")}`, template);
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
