import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { eventually, freePort, type Standby, startStandby } from "@axial/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
/** A busy machine takes long to start a process. */
const WITHIN_MS = 120_000;

let standby: Standby | null;
let folder: string;
let child: ChildProcess;
let url: string;
beforeAll(async () => {
  standby = await startStandby();
  folder = await mkdtemp(join(tmpdir(), "axial-standby-"));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  child = spawn(process.execPath, [MAIN], {
    stdio: "ignore",
    env: {
      ...process.env,
      AXIAL_DATABASE_URL: standby?.url,
      AXIAL_QUEUE_URL: standby?.url,
      AXIAL_BLOB_URL: pathToFileURL(folder).href,
      AXIAL_SCHEMA: "wait",
      AXIAL_HOST: "127.0.0.1",
      AXIAL_PORT: String(port),
    },
  });
}, WITHIN_MS);
afterAll(async () => {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
  await standby?.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Readiness {
  readonly failures: readonly { readonly name: string; readonly reason: string }[];
}

test("a database in recovery answers reads, and a service on it is not ready and says why", {
  timeout: WITHIN_MS,
}, async () => {
  const reason = await eventually(
    "readiness names the database's refusal",
    async () => {
      const answer = await fetch(`${url}/readyz`).catch(() => null);
      if (answer?.status !== 503) return false;
      const { failures } = (await answer.json()) as Readiness;
      const found = failures.find(({ name }) => name === "database")?.reason;
      return found !== undefined && /read-only|recovery/.test(found) && found;
    },
    WITHIN_MS,
  );
  expect(reason).toMatch(/cannot execute INSERT/);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(/axial_dependency_up\{dependency="database",[^}]*\} 0/);
});
