import {
  createHttpServer,
  createLogger,
  createMetrics,
  LiveTls,
  openTracing,
  runProcess,
  tlsFiles,
} from "@axial/kit";
import { consoleApp } from "./app.ts";
import { readConfig } from "./config.ts";
import { signInSettings } from "./sign-in.ts";

const config = readConfig();
const logger = createLogger({ service: "console", level: config.AXIAL_LOG_LEVEL });

/** Serves the page alone; the ingress leads `/api` on the same host to gateway and results. */
runProcess(logger, async (shutdown) => {
  const tracing = await openTracing(config, { service: "console", logger });
  shutdown.onClose("tracing", () => tracing.close());
  const metrics = createMetrics("console", { exemplars: tracing.isOn });
  const files = tlsFiles(config);
  const tls = files === null ? null : new LiveTls(files, { logger, metrics });
  const server = await createHttpServer({ logger, metrics, probes: [], tls, tracing });
  await server.register(consoleApp(signInSettings(config)));
  shutdown.onClose("http", () => server.close());
  const address = await server.listen({ host: config.AXIAL_HOST, port: config.AXIAL_PORT });
  logger.info({ address }, "console ready");
});
