import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { connect } from "node:net";
import { startLocalPostgres } from "@axial/local-postgres";
import { eventually, freePort } from "@axial/testkit";
import { isAlive } from "../../child-processes.ts";
import { launch, type Place } from "./place.ts";

const READY_WITHIN_MS = 60_000;

/** A server that is killed and started again at the same address with the same data. */
export interface RestartableServer {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** Kills it at once. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again; resolves when it takes connections. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

type RedisAddress = Pick<RestartableServer, "host" | "port">;

/** PostgreSQL as it runs in production, synced; `kill` is its immediate shutdown. */
export async function startPostgresServer(
  folder: string,
): Promise<RestartableServer & { database(name: string): Promise<string> }> {
  const port = await freePort();
  const options = { folder, port, durable: true } as const;
  let server = await startLocalPostgres(options);
  return {
    host: "127.0.0.1",
    port,
    get pid() {
      return server.pid;
    },
    database: (name) => server.database(name),
    kill: async () => {
      process.kill(server.pid, "SIGQUIT");
      await eventually("Postgres is gone", () => !isAlive(server.pid), READY_WITHIN_MS);
    },
    start: async () => {
      server = await startLocalPostgres(options);
    },
    stop: () => server.stop(),
  };
}

/** Redis as it runs in production, with its append-only file; `kill` is SIGKILL. */
export async function startRedisServer(folder: string, place: Place): Promise<RestartableServer> {
  await mkdir(folder, { recursive: true });
  const { host, port, launcher } = place;
  const network = ["--bind", host, "--port", String(port), "--protected-mode", "no"];
  const kept = ["--dir", folder, "--save", "", "--appendonly", "yes"];
  const flags = [...network, ...kept, "--maxmemory-policy", "noeviction"];
  const start = async (): Promise<ChildProcess> => {
    const child = launch(launcher, ["redis-server", ...flags], { stdio: "ignore" });
    await eventually("Redis answers", () => answersPing(place), READY_WITHIN_MS);
    return child;
  };
  let child = await start();
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  };
  return {
    host,
    port,
    get pid() {
      return child.pid ?? 0;
    },
    kill: () => end("SIGKILL"),
    start: async () => {
      child = await start();
    },
    stop: () => end("SIGTERM"),
  };
}

/** True once Redis has read its file: until then it says LOADING. */
async function answersPing(redis: RedisAddress): Promise<boolean> {
  return (await redisCommand(redis, "PING").catch(() => "")).startsWith("+PONG");
}

/** Sends one inline command, bypassing every proxy. Returns the first line of the answer. */
export async function redisCommand({ host, port }: RedisAddress, command: string): Promise<string> {
  const socket = connect(port, host);
  try {
    socket.write(`${command}\r\n`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    return answer.toString();
  } finally {
    socket.destroy();
  }
}
