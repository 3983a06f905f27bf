export { freePort } from "./free-port.ts";
export {
  ensureDatabase,
  type LocalPostgres,
  type LocalPostgresOptions,
  reachLocalPostgres,
  startLocalPostgres,
  tryConnect,
} from "./start.ts";
export { tether } from "./tether.ts";
