import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, chown, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { Client } from "pg";
import { binary } from "./binaries.ts";
import { claim } from "./claim.ts";
import { freePort } from "./free-port.ts";
import { type Placement, place } from "./placement.ts";
import { tether } from "./tether.ts";

const SUPERUSER = "axial";
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const run = promisify(execFile);

export interface LocalPostgresOptions {
  /** Holds the cluster; created when missing. */
  readonly folder: string;
  /** False only for tests: no sync to disk. */
  readonly durable: boolean;
  /** Any free port when left out. */
  readonly port?: number;
  /** The superuser's, for a new cluster; a random one when left out. */
  readonly password?: string;
  /** Another address of this machine to listen on, and who may log in from there. */
  readonly network?: PostgresNetwork;
}

interface PostgresNetwork {
  readonly address: string;
  /** In CIDR notation; a password is required, as everywhere. */
  readonly clients: string;
}

export interface LocalPostgres {
  readonly pid: number;
  /** Where its files are: not always where it was asked to keep them. */
  readonly folder: string;
  /** The address of a database, created when missing, as a copy of `template` if one is named. */
  database(name: string, template?: string): Promise<string>;
  /** Fast shutdown: open transactions roll back, the cluster is clean on disk. */
  stop(): Promise<void>;
}

/**
 * A PostgreSQL of its own on a free port of the loopback interface (and of another, where asked):
 * for one machine with nothing installed, and for tests. It runs in a process group of its own, so
 * that Ctrl-C in a terminal reaches only its starter, which closes it last; when the starter is gone
 * without having done so, it ends by itself. Throws `conflict` while
 * another process uses the folder.
 */
export async function startLocalPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const placement = await place(options.folder);
  const release = await claim(placement.folder, options.folder);
  try {
    return await startClaimed(placement, options, release);
  } catch (error) {
    await release();
    throw error;
  }
}

async function startClaimed(
  placement: Placement,
  options: LocalPostgresOptions,
  release: () => Promise<void>,
): Promise<LocalPostgres> {
  const password = await initialise(placement, options.password);
  await stopLeftover(placement);
  if (options.network !== undefined) await admit(placement, options.network);
  const port = options.port ?? (await freePort());
  const child = spawnServer(placement, { ...options, port });
  // A fast shutdown: open transactions roll back, the cluster is clean on disk.
  tether(child, "INT");
  const address = `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}`;
  await untilReady(`${address}/postgres`, child);
  return {
    pid: child.pid ?? 0,
    folder: placement.folder,
    database: (name, template) => ensureDatabase(address, name, template),
    stop: async () => {
      await stop(child);
      await release();
    },
  };
}

/**
 * The folder's PostgreSQL if it is running (then stopping it is left to its starter), else a new
 * one.
 */
export async function reachLocalPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const placement = await place(options.folder);
  return (await runningServer(placement)) ?? startLocalPostgres(options);
}

async function runningServer({ folder }: Placement): Promise<LocalPostgres | null> {
  const lines = await readFile(join(folder, "postmaster.pid"), "utf8").catch(() => "");
  const [pid, , , port] = lines.split("\n");
  if (port === undefined) return null;
  const password = await readFile(join(folder, "..", "postgres.password"), "utf8");
  const address = `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}`;
  if ((await tryConnect(`${address}/postgres`)) !== null) return null;
  return {
    pid: Number(pid),
    folder,
    database: (name, template) => ensureDatabase(address, name, template),
    stop: async () => {},
  };
}

/** The superuser's password; creates the cluster when the folder holds none. */
async function initialise(
  { native, folder, user }: Placement,
  wanted: string | undefined,
): Promise<string> {
  const passwordFile = join(folder, "..", "postgres.password");
  if (existsSync(join(folder, "PG_VERSION"))) return readFile(passwordFile, "utf8");
  await rm(folder, { recursive: true, force: true });
  const password = wanted ?? randomBytes(24).toString("hex");
  await writeFile(passwordFile, password, { mode: 0o600 });
  const forInitdb = `${folder}.init`;
  await writeFile(forInitdb, password, { mode: 0o600 });
  await giveTo(user, forInitdb);
  const flags = ["-D", folder, "-U", SUPERUSER, "--auth=scram-sha-256", `--pwfile=${forInitdb}`];
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await giveTo(user, folder);
    await run(binary(native, "initdb"), [...flags, "--encoding=UTF8", "--no-locale", "--no-sync"], {
      ...user,
    });
  } finally {
    await rm(forInitdb, { force: true });
  }
  return password;
}

async function giveTo(user: Placement["user"], path: string): Promise<void> {
  if (user !== undefined) await chown(path, user.uid, user.gid);
}

/** Lets clients of the network log in, once per cluster. */
async function admit({ folder }: Placement, { clients }: PostgresNetwork): Promise<void> {
  const file = join(folder, "pg_hba.conf");
  const line = `host all all ${clients} scram-sha-256\n`;
  const rules = await readFile(file, "utf8");
  if (!rules.includes(line)) await appendFile(file, line);
}

/** A server whose starter was killed still holds the folder: it is stopped, cleanly. */
async function stopLeftover({ native, folder, user }: Placement): Promise<void> {
  if (!existsSync(join(folder, "postmaster.pid"))) return;
  await run(binary(native, "pg_ctl"), ["stop", "-D", folder, "-m", "fast", "-w"], user).catch(
    () => undefined, // nothing was running: a crash left the file, which Postgres handles
  );
}

function spawnServer(
  placement: Placement,
  server: Pick<LocalPostgresOptions, "durable" | "network"> & { port: number },
) {
  const settings = {
    listen_addresses: ["127.0.0.1", server.network?.address ?? []].flat().join(","),
    unix_socket_directories: "",
    max_connections: 200,
    shared_buffers: "128MB",
    ...(server.durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return spawn(
    binary(placement.native, "postgres"),
    ["-D", placement.folder, "-p", String(server.port), ...flags],
    { ...placement.user, stdio: "ignore", detached: true },
  );
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const failure = await tryConnect(url);
    if (failure === null) return;
    if (child.exitCode !== null) throw new Error(`PostgreSQL exited with ${child.exitCode}`);
    if (Date.now() > deadline) throw new Error("PostgreSQL did not start", { cause: failure });
    await delay(50);
  }
}

/** Null when the server accepts the login, else the reason. */
export async function tryConnect(url: string): Promise<unknown> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.end();
    return null;
  } catch (error) {
    return error;
  }
}

/** The address of a database on the server, created when missing. */
export async function ensureDatabase(
  address: string,
  name: string,
  template = "template1",
): Promise<string> {
  const client = new Client({ connectionString: `${address}/postgres` });
  await client.connect();
  try {
    const known = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [name]);
    if (known.rowCount === 0) {
      const [made, from] = [name, template].map((each) => client.escapeIdentifier(each));
      await client.query(`CREATE DATABASE ${made} TEMPLATE ${from}`);
    }
  } finally {
    await client.end();
  }
  return `${address}/${name}`;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGINT");
  const deadline = setTimeout(() => child.kill("SIGQUIT"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(deadline);
}
