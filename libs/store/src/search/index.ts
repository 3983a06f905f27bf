export {
  KEPT_SERIES_ATTRIBUTES,
  KEPT_STUDY_ATTRIBUTES,
  type SearchAttribute,
  type SearchLevel,
  searchAttribute,
} from "./attributes.ts";
export {
  type Found,
  type FoundInstance,
  type FoundSeries,
  type FoundStudy,
  searchArchive,
} from "./search-archive.ts";
export { type ArchivePath, type StoredInstance, storedInstances } from "./stored-instances.ts";
export type { ValueMatch } from "./value-match.ts";
