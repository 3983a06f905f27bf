export { createResults } from "./service.ts";
