export * from "./read-history.ts";
export * from "./record-minute.ts";
