import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newApiKey } from "@axial/contracts";
import { createLogger, Shutdown } from "@axial/kit";
import { freePort, startPostgres, TINY_MODELS } from "@axial/testkit";
import { startStack } from "../../src/up/stack.ts";

/** Axial as `axial up` starts it, in this process, with the tiny test model. */
export interface TestStack {
  readonly url: string;
  readonly key: string;
  readonly databaseUrl: string;
  /** The data folder. */
  readonly data: string;
  /** Ends it, and starts it again on the same port, with what it had. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startTestStack(
  workers: number,
  models: string = TINY_MODELS,
): Promise<TestStack> {
  const data = await mkdtemp(join(tmpdir(), "axial-stack-"));
  const postgres = await startPostgres();
  const databaseUrl = await postgres.createDatabase();
  const logger = createLogger({ service: "axial", destination: { write: () => {} } });
  const [key, port, dimsePort] = [newApiKey(), await freePort(), await freePort()];
  const options = {
    ...{ data, host: "127.0.0.1", port, workers, dimsePort, models },
    ...{ logLevel: "fatal", destinationNetworks: [], databaseUrl, adminKey: key },
  };
  const start = async () => {
    const shutdown = new Shutdown(logger);
    return { shutdown, stack: await startStack(options, logger, shutdown) };
  };
  let running = await start();
  return {
    url: running.stack.url,
    key,
    databaseUrl,
    data,
    restart: async () => {
      await running.shutdown.close();
      running = await start();
    },
    close: async () => {
      await running.shutdown.close();
      await postgres.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}
