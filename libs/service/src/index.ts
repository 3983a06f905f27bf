export { AuditTrail } from "./audit-trail.ts";
export type { Connections } from "./connections.ts";
export {
  DATABASE_ENVIRONMENT,
  QUEUE_ENVIRONMENT,
  serviceEnvironment,
} from "./environment.ts";
export { prepareDatabase } from "./prepare-database.ts";
export { SharedRequestQuota } from "./request-quota.ts";
export { runService } from "./run-service.ts";
export type { Hosted, Service } from "./service.ts";
export { ServiceHost } from "./service-host.ts";
export {
  OIDC_ENVIRONMENT,
  type OidcSettings,
  oidcSettings,
} from "./sign-in/oidc-settings.ts";
export { createTokenAuthenticator } from "./sign-in/token-authenticator.ts";
export { TenantLimitCache } from "./tenant-limit-cache.ts";
