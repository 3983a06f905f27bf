export { freePort } from "./free-port.ts";
export { type LocalPostgres, type LocalPostgresOptions, startLocalPostgres } from "./start.ts";
