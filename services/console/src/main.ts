import { createHttpServer, createLogger, createMetrics, runProcess } from "@axial/kit";
import { consoleApp } from "./app.ts";
import { readConfig } from "./config.ts";

const config = readConfig();
const logger = createLogger({ service: "console", level: config.AXIAL_LOG_LEVEL });

/** Serves the page alone; the ingress leads `/api` on the same host to gateway and results. */
runProcess(logger, async (shutdown) => {
  const metrics = createMetrics("console");
  const server = await createHttpServer({ logger, metrics, probes: [] });
  await server.register(consoleApp());
  shutdown.onClose("http", () => server.close());
  const address = await server.listen({ host: config.AXIAL_HOST, port: config.AXIAL_PORT });
  logger.info({ address }, "console ready");
});
