export { createArchive } from "./service.ts";
