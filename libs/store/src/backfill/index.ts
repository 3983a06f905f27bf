export { answeredStudies, answeredUids, type WantedModel } from "./answered-studies.ts";
export {
  activeBackfills,
  type BackfillRow,
  changeBackfill,
  createBackfill,
  findBackfill,
  listBackfills,
  moveBackfill,
} from "./backfills.ts";
export { type ComparedAnswers, readComparedAnswers } from "./compared-answers.ts";
export {
  type BackfillItemRow,
  cancelItems,
  endListing,
  reportItems,
  retryItems,
  searchItems,
} from "./items.ts";
export { addNamedStudies } from "./named-studies.ts";
export { finishedByMinute, slowestItems } from "./progress.ts";
export { type BackfillResultRow, readBackfillResults } from "./results.ts";
export { finishBackfill, settleItems } from "./settle-items.ts";
export { startItems } from "./start-items.ts";
export {
  countSelection,
  findsStudy,
  listStored,
  type Selected,
  sampleSelection,
} from "./stored-studies.ts";
export { foldTally, type ItemTally, readTally } from "./tally.ts";
