import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually, freePort, startPostgres, TINY_MODELS } from "@axial/testkit";
import { TestProcess } from "./processes.ts";

const MAIN = fileURLToPath(import.meta.resolve("@axial/gateway/main"));
const READY_WITHIN_MS = 60_000;

/** The gateway as its own process: the DICOMweb server that other products talk to. */
export interface GatewayAlone {
  readonly url: string;
  readonly key: string;
  stop(): Promise<void>;
}

export async function startGatewayAlone(): Promise<GatewayAlone> {
  const folder = await mkdtemp(join(tmpdir(), "axial-e2e-gateway-"));
  const postgres = await startPostgres();
  const databaseUrl = await postgres.createDatabase();
  const port = await freePort();
  const key = "axial_test_key_0123456789abcdef0123456789";
  const environment = {
    AXIAL_DATABASE_URL: databaseUrl,
    AXIAL_QUEUE_URL: databaseUrl,
    AXIAL_BLOB_URL: `file://${folder}/blobs`,
    AXIAL_MODELS_DIR: TINY_MODELS,
    AXIAL_ADMIN_KEY: key,
    AXIAL_HOST: "127.0.0.1",
    AXIAL_PORT: String(port),
  };
  const gateway = new TestProcess("gateway", { script: MAIN, environment });
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await gateway.end("SIGTERM");
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const isReady = async () => (await fetch(`${url}/readyz`).catch(() => null))?.ok ?? false;
  await eventually("the gateway is ready", isReady, READY_WITHIN_MS).catch(async (error: Error) => {
    await stop();
    throw new Error(`${error.message}\n${gateway.output.slice(-4_000)}`);
  });
  return { url, key, stop };
}
