export { ensureAdminKey } from "./admin-key.ts";
export {
  type ApiKeyRow,
  createApiKey,
  listApiKeys,
  revokeApiKey,
} from "./api-keys.ts";
export { createAuthenticator, hashApiKey } from "./authenticator.ts";
export {
  type KeyedRequest,
  keepAnswer,
  lockIdempotencyKey,
  readKeptAnswer,
} from "./idempotency.ts";
