export {
  type Deletion,
  type DeletionOutcome,
  deleteInstances,
  sweepDeleted,
} from "./delete-instances.ts";
