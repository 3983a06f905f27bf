export { ensureAdminKey } from "./admin-key.ts";
export {
  type ApiKeyRow,
  createApiKey,
  findApiKey,
  listApiKeys,
  type NewApiKey,
  revokeApiKey,
} from "./api-keys.ts";
export { createAuthenticator, hashApiKey, type KeyHolder } from "./authenticator.ts";
export {
  type KeptAnswer,
  type KeyedRequest,
  keepAnswer,
  lockIdempotencyKey,
  readKeptAnswer,
} from "./idempotency.ts";
