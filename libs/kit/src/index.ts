export { BACKOFF_BASE_MS, BACKOFF_CEILING_MS, backoffMs } from "./backoff.ts";
export { ConfigError, loadConfig } from "./config.ts";
export { endWithStarter } from "./end-with-starter.ts";
export { acceptedTypes, accepts, covers } from "./http/accept.ts";
export { type Access, clientAddress, type RecordAccess } from "./http/access.ts";
export { isStillAllowed, principalOf, scopeOf } from "./http/authentication.ts";
export { baseUrl } from "./http/base-url.ts";
export { registerCapabilities } from "./http/dicomweb/capability-routes.ts";
export { DICOMWEB_RESOURCES, FRAME_MEDIA } from "./http/dicomweb/resources.ts";
export { createHttpServer, type HttpServer } from "./http/http-server.ts";
export { LoginBackoff } from "./http/login-backoff.ts";
export { type MediaType, parseMediaType } from "./http/media-type.ts";
export type { Authenticate, Authentication, Principal } from "./http/principal.ts";
export type { Probe } from "./http/probe.ts";
export type { RequestQuota } from "./http/request-quota.ts";
export { uploadedBytes } from "./http/uploads.ts";
export { createLogger, type Logger } from "./log.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
export { OutageLog } from "./outage.ts";
export { feedQueueMetrics } from "./queue/feed-queue-metrics.ts";
export type {
  Consumer,
  Jobs,
  TakenJob,
} from "./queue/jobs.ts";
export { openQueues, type Queues } from "./queue/queues.ts";
export type { Message, NewMessage } from "./queue/stream-messages.ts";
export type { Streams } from "./queue/streams.ts";
export { withdrawJobs } from "./queue/withdraw-jobs.ts";
export type { WithdrawalList } from "./queue/withdrawals.ts";
export { runProcess } from "./run-process.ts";
export { SHUTDOWN_DEADLINE_MS, Shutdown } from "./shutdown.ts";
export { LiveTls } from "./tls/live-tls.ts";
export { TlsAgent } from "./tls/tls-agent.ts";
export { TLS_ENVIRONMENT, type TlsFiles, tlsFiles } from "./tls/tls-files.ts";
export { openTracing } from "./tracing/open-tracing.ts";
export { readTraceParent } from "./tracing/trace-parent.ts";
export { NO_TRACING, type Span, type Tracing } from "./tracing/tracing.ts";
export { TRACING_ENVIRONMENT, type TracingSettings } from "./tracing/tracing-settings.ts";
export { readVolume, type Volume } from "./volume.ts";
