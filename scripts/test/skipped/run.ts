import { startVitest } from "vitest/node";
import { SkippedTests } from "../../skipped-tests.ts";

/** Runs the samples of this folder as `npm test` runs the tests. */
await startVitest("test", [], {
  root: import.meta.dirname,
  config: false,
  include: ["*.sample.ts"],
  watch: false,
  reporters: [new SkippedTests()],
});
