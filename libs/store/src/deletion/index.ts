export { deleteInstances, sweepDeleted } from "./delete-instances.ts";
