/** For fuzzers of other packages; no product code imports it. */
export { runFuzz } from "./fuzz.ts";
export { mutate } from "./mutate.ts";
export { Random } from "./random.ts";
