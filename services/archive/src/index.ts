export { type ArchiveOptions, type ArchiveService, startArchive } from "./service.ts";
