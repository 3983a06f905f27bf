import { createLogger, openTracing, runProcess } from "@axial/kit";
import { readConfig } from "./config.ts";
import { createDependencies } from "./dependencies.ts";
import { createWorker } from "./service.ts";

const config = readConfig();
const logger = createLogger({ service: "worker", level: config.logLevel });

runProcess(logger, async (shutdown) => {
  const tracing = await openTracing(config.tracing, { service: "worker", logger });
  shutdown.onClose("tracing", () => tracing.close());
  const dependencies = createDependencies(config, logger, tracing);
  shutdown.onClose("queue", () => dependencies.queues.close());
  const worker = createWorker(dependencies);
  const server = await worker.app();
  shutdown.onClose("http", () => server.close());
  shutdown.onClose(worker.name, () => worker.close());
  const address = await server.listen({ host: config.host, port: config.port });
  await worker.start();
  process.on("SIGHUP", () => worker.reload());
  logger.info({ address, worker: config.name }, "worker listens");
});
