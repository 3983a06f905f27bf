import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort, tether } from "@axial/local-postgres";
import { containersWanted } from "./containers/container.ts";
import { startS3Container } from "./containers/s3-container.ts";
import { type S3Server, s3Server } from "./s3-server.ts";

const START_TIMEOUT_MS = 20_000;
const BUCKET = "axial-test";
const KEY = "axialtest";

/** S3 servers available from package registries, in order of preference. */
const SERVERS = [
  {
    command: "versitygw",
    flags: (port: number, folder: string) => [
      ...["--access", KEY, "--secret", KEY, "--port", `127.0.0.1:${port}`, "--quiet"],
      ...["posix", folder],
    ],
  },
  {
    command: "moto_server",
    flags: (port: number) => ["--host", "127.0.0.1", "--port", String(port)],
  },
] as const;

/** The S3 server that tests can start here, or why none is available. */
export function s3Availability(): { available: true } | { available: false; reason: string } {
  if (containersWanted() || installed() !== undefined) return { available: true };
  return {
    available: false,
    reason:
      "no S3 server: `pip install moto[server]` or `go install github.com/versity/versitygw/cmd/versitygw@latest`",
  };
}

function installed() {
  return SERVERS.find(({ command }) => spawnSync("which", [command]).status === 0);
}

/** A real S3-compatible server on a free port, with an empty bucket. */
export async function startS3(): Promise<S3Server> {
  if (containersWanted()) return startS3Container(BUCKET, KEY);
  const server = installed();
  if (server === undefined) throw new Error("no S3 server is installed");
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "axial-test-s3-"));
  await mkdir(join(folder, BUCKET));
  const child = spawn(server.command, server.flags(port, folder), { stdio: "ignore" });
  tether(child, "KILL");
  const endpoint = `http://127.0.0.1:${port}`;
  await untilAnswers(endpoint, child);
  // moto keeps its buckets in memory and asks for no signature; versitygw takes the folder's.
  if (server.command === "moto_server") await fetch(`${endpoint}/${BUCKET}`, { method: "PUT" });
  return s3Server({
    endpoint,
    bucket: BUCKET,
    key: KEY,
    stop: async () => {
      if (child.exitCode === null) {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGKILL");
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  });
}

async function untilAnswers(endpoint: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if ((await fetch(endpoint).catch(() => null)) !== null) return;
    if (child.exitCode !== null) throw new Error(`the S3 server exited with ${child.exitCode}`);
    if (Date.now() > deadline) throw new Error("the S3 server did not answer in time");
    await delay(50);
  }
}
