import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { eventually, freePort, startPostgres } from "@axial/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

let postgres: Awaited<ReturnType<typeof startPostgres>>;
let child: ChildProcess;
let url: string;

beforeAll(async () => {
  postgres = await startPostgres();
  const databaseUrl = await postgres.createDatabase();
  const [port, nobody] = [await freePort(), await freePort()];
  url = `http://127.0.0.1:${port}`;
  child = spawn(process.execPath, [MAIN], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      AXIAL_DATABASE_URL: databaseUrl,
      AXIAL_QUEUE_URL: databaseUrl,
      AXIAL_BLOB_URL: `s3://axial/blobs?endpoint=http://127.0.0.1:${nobody}&region=us-east-1&pathStyle=true`,
      AWS_ACCESS_KEY_ID: "of-a-test",
      AWS_SECRET_ACCESS_KEY: "of-a-test",
      AXIAL_HOST: "127.0.0.1",
      AXIAL_PORT: String(port),
      AXIAL_UNSIGNED_OUTCOMES: "on",
      AXIAL_LOG_LEVEL: "fatal",
    },
  });
});
afterAll(async () => {
  child?.kill("SIGKILL");
  await postgres?.stop();
});

it("is ready, and says what is degraded, while the blob store is away", async () => {
  const answer = await eventually("results is ready", async () => {
    const response = await fetch(`${url}/readyz`).catch(() => null);
    return response?.ok ? response : null;
  });
  expect(await answer.json()).toMatchObject({ failures: [], degraded: [{ name: "blobs" }] });
  // The autoscaler is answered (here: told to bring a key), not left waiting.
  expect((await fetch(`${url}/scaling/stat`)).status).toBe(401);
});
