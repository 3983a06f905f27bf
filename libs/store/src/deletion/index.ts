export { deleteInstances } from "./delete-instances.ts";
export { restoreInstances } from "./restore-instances.ts";
export { sweepDeleted } from "./sweep-deleted.ts";
