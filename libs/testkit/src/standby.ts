import { chmod, chown, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalPostgres } from "@axial/local-postgres";
import { copyCluster, SCHEMA_TEMPLATE } from "./cluster-template.ts";

/** A PostgreSQL in recovery: it answers reads and takes no writes. */
export interface Standby {
  /** Of a database with the schema. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * A real standby whose primary is gone: a copy of a cluster that recovers and waits for more. Null
 * outside a test run, where there is no cluster to copy.
 */
export async function startStandby(): Promise<Standby | null> {
  const folder = await mkdtemp(join(tmpdir(), "axial-test-standby-"));
  await chmod(folder, 0o755);
  const cluster = await copyCluster(folder);
  if (cluster === null) return null;
  const signal = join(cluster, "standby.signal");
  await writeFile(signal, "");
  const { uid, gid } = await stat(cluster);
  await chown(signal, uid, gid);
  const server = await startLocalPostgres({ folder: cluster, durable: false });
  return {
    url: await server.database(SCHEMA_TEMPLATE),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
