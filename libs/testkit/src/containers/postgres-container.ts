import { randomBytes } from "node:crypto";
import { ensureDatabase, tryConnect } from "@axial/local-postgres";
import { eventually } from "../eventually.ts";
import type { PostgresServer } from "../servers.ts";
import { startContainer } from "./container.ts";

const USER = "axial";
/** Initialises a cluster before it listens. */
const START_TIMEOUT_MS = 120_000;
const NOT_DURABLE = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];
const SETTINGS = ["max_connections=200", "shared_buffers=128MB", ...NOT_DURABLE];

/** The cluster's PostgreSQL, without sync. */
export async function startPostgresContainer(): Promise<PostgresServer> {
  const password = randomBytes(24).toString("hex");
  const container = await startContainer({
    image: "postgres",
    port: 5432,
    environment: {
      POSTGRES_USER: USER,
      POSTGRES_DB: USER,
      POSTGRES_PASSWORD: password,
      PGDATA: "/tmp/pgdata",
    },
    // The image's own data folder belongs to a user that a new tmpfs does not have.
    volumes: ["/tmp"],
    command: ["postgres", ...SETTINGS.flatMap((setting) => ["-c", setting])],
  });
  const address = `postgres://${USER}:${password}@${container.address}`;
  const accepts = async () => (await tryConnect(`${address}/${USER}`)) === null;
  await eventually("PostgreSQL accepts", accepts, START_TIMEOUT_MS);
  return {
    pid: container.pid,
    createDatabase: () => ensureDatabase(address, `t${randomBytes(6).toString("hex")}`),
    stop: container.stop,
  };
}
