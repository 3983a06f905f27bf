import { ConfigError } from "../config.ts";
import type { Logger } from "../log.ts";
import { NO_TRACING, type Tracing } from "./tracing.ts";
import type { TracingSettings } from "./tracing-settings.ts";

/** The protocol that is spoken, and the one that OTLP prescribes as the default. */
const PROTOCOL = "http/protobuf";

/**
 * Tracing as the settings ask: off without a collector's address, and then OpenTelemetry is not even
 * loaded. Throws ConfigError for a protocol that is not spoken.
 */
export async function openTracing(
  settings: TracingSettings,
  { service, logger }: { readonly service: string; readonly logger: Logger },
): Promise<Tracing> {
  const endpoint =
    settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined || settings.OTEL_SDK_DISABLED) return NO_TRACING;
  const protocol =
    settings.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? settings.OTEL_EXPORTER_OTLP_PROTOCOL ?? PROTOCOL;
  if (protocol !== PROTOCOL) {
    throw new ConfigError([`OTEL_EXPORTER_OTLP_PROTOCOL: only ${PROTOCOL} is spoken`]);
  }
  const { OtlpTracing } = await import("./otlp-tracing.ts");
  return new OtlpTracing(settings, { service, logger });
}
