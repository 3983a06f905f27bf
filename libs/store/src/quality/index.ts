export * from "./feedback-counts.ts";
export * from "./quality-counts.ts";
export * from "./record-quality.ts";
export * from "./references.ts";
