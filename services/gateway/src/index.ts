export { gatewayApp } from "./app.ts";
export {
  createGatewayServices,
  type GatewayConnections,
  type GatewaySettings,
} from "./create-services.ts";
export { newApiKey } from "./keys/api-key.ts";
export { createAuthenticator } from "./keys/authenticator.ts";
export { ensureAdminKey } from "./keys/ensure-admin-key.ts";
export type { GatewayServices } from "./services.ts";
