export { Duty } from "./duty.ts";
export { GroupCommit } from "./group-commit.ts";
export { type Loop, startLoop } from "./loop.ts";
export { togetherLoops } from "./together.ts";
export { wakeLater } from "./wake-later.ts";
export { WakeUp } from "./wake-up.ts";
