import { type LocalPostgresOptions, startLocalPostgres } from "@axial/local-postgres";
import type { StartedPostgres } from "./postgres-on-host.ts";

/** A process on the host of Postgres: starts it there, says how it is reached, and ends it. */
const { database, ...options } = JSON.parse(process.argv[2] ?? "") as LocalPostgresOptions & {
  database: string;
};
const server = await startLocalPostgres(options);
const started: StartedPostgres = { pid: server.pid, url: await server.database(database) };
process.stdout.write(`${JSON.stringify(started)}\n`);
process.once("SIGTERM", () => void server.stop().then(() => process.exit(0)));
setInterval(() => {}, 60_000);
