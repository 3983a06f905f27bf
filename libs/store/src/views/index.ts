export * from "./dead-letters.ts";
export * from "./outstanding.ts";
export * from "./search-results.ts";
export * from "./search-studies.ts";
export * from "./study-record.ts";
export * from "./throughput.ts";
export * from "./waiting.ts";
export * from "./workers.ts";
