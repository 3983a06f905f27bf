export {
  countInFlightTasks,
  type InFlight,
  lockLane,
  savePasses,
  spendRate,
  type WaitingTenant,
  waitingTenants,
} from "./dispatch-state.ts";
export { type DatabaseEstimate, estimateDatabase } from "./estimate-database.ts";
export {
  type AttemptInFlight,
  type AttemptKey,
  attemptsInFlight,
  markRunning,
  returnToPending,
} from "./in-flight-tasks.ts";
export { type Outlook, readOutlook } from "./outlook.ts";
export { readStateAges, type StateAge } from "./state-ages.ts";
export { type DispatchedTask, type TakeRequest, takeTasks } from "./take-tasks.ts";
