export * from "./free-port.ts";
export * from "./postgres.ts";
export * from "./redis.ts";
export * from "./shared-data.ts";
export * from "./tiny-model.ts";
