export { freePort } from "./free-port.ts";
export {
  type LocalPostgres,
  type LocalPostgresOptions,
  reachLocalPostgres,
  startLocalPostgres,
} from "./start.ts";
