import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { eventually } from "@axial/testkit";
import { launch } from "../chaos/stack/place.ts";
import type { RestartableServer } from "../chaos/stack/servers.ts";
import { isAlive } from "../child-processes.ts";
import type { Host } from "./host.ts";
import type { Network } from "./network.ts";

const SCRIPT = fileURLToPath(new URL("postgres-host.ts", import.meta.url));
const PORT = 5432;
const GONE_WITHIN_MS = 60_000;

/** What the process on the host says once Postgres takes connections. */
export interface StartedPostgres {
  readonly pid: number;
  /** As that host itself would reach the database. */
  readonly url: string;
}

/** PostgreSQL on a host of its own, with one database. */
export async function startPostgresOn(
  host: Host,
  { folder, network }: { folder: string; network: Network },
): Promise<RestartableServer & { readonly databaseUrl: string }> {
  const options = {
    folder,
    port: PORT,
    durable: true,
    network: { address: host.address, clients: network.subnet },
    database: "axial",
  };
  const start = async () => {
    const command = [process.execPath, SCRIPT, JSON.stringify(options)] as const;
    const child = launch(host.launcher, command, { stdio: ["ignore", "pipe", "inherit"] });
    return { child, ...(await firstLine(child)) };
  };
  let server = await start();
  const end = async (signal: NodeJS.Signals) => {
    if (server.child.exitCode !== null || server.child.signalCode !== null) return;
    const ended = once(server.child, "exit");
    server.child.kill(signal);
    await ended;
  };
  const databaseUrl = new URL(server.url);
  databaseUrl.hostname = host.address;
  return {
    host: host.address,
    port: PORT,
    databaseUrl: databaseUrl.href,
    get pid() {
      return server.pid;
    },
    kill: async () => {
      if (isAlive(server.pid)) process.kill(server.pid, "SIGQUIT");
      await eventually("Postgres is gone", () => !isAlive(server.pid), GONE_WITHIN_MS);
      await end("SIGKILL");
    },
    start: async () => {
      server = await start();
    },
    stop: () => end("SIGTERM"),
  };
}

async function firstLine(child: ChildProcess): Promise<StartedPostgres> {
  if (child.stdout === null) throw new Error("Postgres' host has no output");
  for await (const line of createInterface({ input: child.stdout })) {
    return JSON.parse(line) as StartedPostgres;
  }
  throw new Error("Postgres did not start on its host");
}
