import { type Static, Type } from "typebox";

/**
 * The variables of OpenTelemetry that turn tracing on and shape it. The exporter itself reads the
 * others of OTLP: headers, timeout, compression, certificates; and `OTEL_RESOURCE_ATTRIBUTES`.
 */
export const TRACING_ENVIRONMENT = {
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(
    Type.String({ description: "Collector that takes OTLP over HTTP, as http://host:4318" }),
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: Type.Optional(
    Type.String({ description: "The same, for traces alone: the whole address" }),
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: Type.Optional(Type.String()),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: Type.Optional(Type.String()),
  OTEL_SDK_DISABLED: Type.Boolean({ default: false }),
  OTEL_SERVICE_NAME: Type.Optional(Type.String()),
  OTEL_TRACES_SAMPLER: Type.Enum(
    [
      ...(["always_on", "always_off", "traceidratio"] as const),
      ...(["parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"] as const),
    ],
    { default: "parentbased_always_on" },
  ),
  OTEL_TRACES_SAMPLER_ARG: Type.Number({ default: 1, minimum: 0, maximum: 1 }),
  OTEL_BSP_SCHEDULE_DELAY: Type.Integer({ default: 5_000, minimum: 1, description: "ms" }),
};

const SettingsSchema = Type.Object(TRACING_ENVIRONMENT);
export type TracingSettings = Readonly<Static<typeof SettingsSchema>>;
