export * from "./commitment-reports.ts";
export * from "./commitments.ts";
export * from "./deliveries.ts";
export * from "./destinations.ts";
