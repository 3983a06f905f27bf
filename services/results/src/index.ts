export type { ResultsOptions } from "./dependencies.ts";
export { createResults } from "./service.ts";
