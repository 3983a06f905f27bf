export { freePort } from "./free-port.ts";
export {
  ensureDatabase,
  type LocalPostgres,
  type LocalPostgresOptions,
  type PostgresNetwork,
  reachLocalPostgres,
  startLocalPostgres,
  tryConnect,
} from "./start.ts";
