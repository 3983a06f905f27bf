export { freePort } from "./free-port.ts";
export {
  type LocalPostgres,
  type LocalPostgresOptions,
  type PostgresNetwork,
  reachLocalPostgres,
  startLocalPostgres,
} from "./start.ts";
