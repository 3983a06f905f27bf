export * from "./deliveries.ts";
export * from "./destinations.ts";
