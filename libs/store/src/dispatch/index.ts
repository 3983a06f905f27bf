export { type DatabaseEstimate, estimateDatabase } from "./estimate-database.ts";
