import { createLogger, openTracing, runProcess, tlsFiles } from "@axial/kit";
import type { ServiceConfig } from "./environment.ts";
import { type ServeOptions, ServiceHost } from "./service-host.ts";
import { oidcSettings } from "./sign-in/oidc-settings.ts";

/** What of a process is a service's own. */
type Served = Omit<
  ServeOptions,
  "host" | "metricsAccess" | "port" | "publicUrl" | "schema" | "trustedProxies"
>;

/**
 * Runs a service alone: opens the connections in `config`, serves the result of `assemble`, and
 * closes in order on a signal. `name` labels its logs and metrics.
 */
export function runService(
  name: string,
  config: ServiceConfig,
  assemble: (host: ServiceHost) => Served,
): void {
  const logger = createLogger({ service: name, level: config.AXIAL_LOG_LEVEL });
  runProcess(logger, async (shutdown) => {
    const host = new ServiceHost({
      name,
      databaseUrl: config.AXIAL_DATABASE_URL,
      blobUrl: config.AXIAL_BLOB_URL,
      logger,
      shutdown,
      oidc: oidcSettings(config),
      tls: tlsFiles(config),
      tracing: await openTracing(config, { service: name, logger }),
    });
    const address = await host.serve({
      ...assemble(host),
      schema: config.AXIAL_SCHEMA,
      host: config.AXIAL_HOST,
      port: config.AXIAL_PORT,
      publicUrl: config.AXIAL_PUBLIC_URL,
      metricsAccess: config.AXIAL_METRICS_ACCESS,
      trustedProxies: config.AXIAL_TRUSTED_PROXIES?.split(",").filter(Boolean),
    });
    if (!shutdown.signal.aborted) logger.info({ address }, "service ready");
  });
}
