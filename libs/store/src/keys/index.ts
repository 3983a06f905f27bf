export {
  type ApiKeyRow,
  createApiKey,
  findApiKey,
  listApiKeys,
  type NewApiKey,
  revokeApiKey,
} from "./api-keys.ts";
export { createAuthenticator, hashApiKey, type KeyHolder } from "./authenticator.ts";
