export { Duty } from "./duty.ts";
export { GroupCommit, type GroupCommitOptions } from "./group-commit.ts";
export { type Loop, type LoopOptions, startLoop } from "./loop.ts";
export { togetherLoops } from "./together.ts";
export { wakeLater } from "./wake-later.ts";
export { WakeUp } from "./wake-up.ts";
