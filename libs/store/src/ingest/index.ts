export { closeQuietStudies, closeStudies } from "./close-studies.ts";
export { type IntakeLevel, readIntakeLevels, writeIntakeLevels } from "./intake-levels.ts";
export { knownInstances } from "./known-instances.ts";
export type {
  InstanceConflict,
  InstanceOutcome,
  NewInstance,
  TagSnapshot,
} from "./new-instance.ts";
export { confirmAssociations, joinStudy, leaveStudies } from "./open-associations.ts";
export { storeInstances } from "./store-instances.ts";
