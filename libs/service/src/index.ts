export { AuditTrail } from "./audit-trail.ts";
export type { Connections } from "./connections.ts";
export {
  DATABASE_ENVIRONMENT,
  QUEUE_ENVIRONMENT,
  serviceEnvironment,
} from "./environment.ts";
export { prepareDatabase } from "./prepare-database.ts";
export { runService } from "./run-service.ts";
export type { Hosted, Service } from "./service.ts";
export { ServiceHost } from "./service-host.ts";
