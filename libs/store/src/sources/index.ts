export { closePulled } from "./close-pulled.ts";
export {
  type DuePull,
  extendPull,
  type PullOutcome,
  settlePull,
  takePulls,
} from "./due-pulls.ts";
export { listPullItems, pullItems, settlePulledItems } from "./pulled-items.ts";
export {
  cancelPull,
  createPull,
  findPull,
  listPulls,
  type PullRow,
  retryPull,
  sweepPulls,
} from "./pulls.ts";
export {
  createSource,
  deleteSource,
  findSource,
  listSources,
  readSources,
  type SourceRow,
  type SourceState,
} from "./sources.ts";
