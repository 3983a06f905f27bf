export { earlierVersions } from "./earlier-versions.ts";
export { replaceInstance } from "./replace-instance.ts";
