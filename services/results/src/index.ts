export { type ResultsOptions, type ResultsService, startResults } from "./service.ts";
