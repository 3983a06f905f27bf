export {
  countInFlightTasks,
  type InFlight,
  lockLane,
  savePasses,
  spendRate,
  type WaitingTenant,
  waitingTenants,
} from "./dispatch-state.ts";
export { estimateDatabase } from "./estimate-database.ts";
export {
  type AttemptInFlight,
  attemptsInFlight,
  markRunning,
  returnToPending,
  takeBack,
} from "./in-flight-tasks.ts";
export { readOutlook } from "./outlook.ts";
export { pauseLane } from "./pause-lanes.ts";
export { readStateAges } from "./state-ages.ts";
export { type DispatchedTask, takeTasks } from "./take-tasks.ts";
