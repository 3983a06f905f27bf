import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { SkippedTests } from "./scripts/skipped-tests.ts";
import { WholeSystemsFirst } from "./scripts/test-order.ts";

const TESTS = [
  "libs/*/test",
  "services/*/test",
  "tools/test",
  "cli/test",
  "bench/test",
  "e2e/test",
  "deploy/test",
  "docker/test",
  "scripts/test",
];

/**
 * Test files at a time. Four keep two cores busy: an integration test waits most of its time for
 * processes that start and for timers. On one Redis for all, they would take each other's jobs.
 */
const MAX_WORKERS =
  process.env.AXIAL_TEST_REDIS_URL === undefined
    ? Math.max(4, Math.floor(availableParallelism() / 2))
    : 1;
/** A test that takes longer hangs. How fast something is, is for `bench` to say. */
const HANG_MS = 180_000;
/** The processes that tests start load code that one of them compiled: that halves their start. */
const COMPILED = fileURLToPath(new URL("node_modules/.cache/node/", import.meta.url));

/** The console's page finds the client where its service serves it. */
const SERVED = {
  find: /^\.\.\/vendor\/client\//,
  replacement: fileURLToPath(new URL("libs/client/src/", import.meta.url)),
};

/** `npm test` names a file here, prints little and counts what is in it. */
const REPORT = process.env.AXIAL_TEST_REPORT;
const SHOWN =
  REPORT === undefined
    ? ["default" as const]
    : ["dot" as const, ["json", { outputFile: REPORT }] as const];

export default defineConfig({
  test: {
    // Last, a line that says what was skipped and how to run it.
    reporters: [...SHOWN, new SkippedTests()],
    sequence: { sequencer: WholeSystemsFirst },
    projects: [
      {
        resolve: { alias: [SERVED] },
        test: {
          name: "unit",
          include: TESTS.map((folder) => `${folder}/**/*.test.ts`),
          exclude: ["**/*.int.test.ts", "**/*.e2e.test.ts", "**/node_modules/**"],
          // Unit tests start and change nothing that others see: modules are loaded once a worker.
          isolate: false,
          testTimeout: HANG_MS,
          hookTimeout: HANG_MS,
          maxWorkers: MAX_WORKERS,
        },
      },
      {
        test: {
          name: "integration",
          include: TESTS.map((folder) => `${folder}/**/*.{int,e2e}.test.ts`),
          exclude: ["**/node_modules/**"],
          env: { NODE_COMPILE_CACHE: COMPILED },
          globalSetup: "scripts/test-cluster.ts",
          // Loading all modules anew for each file was a third of the processor time of the small ones.
          isolate: false,
          testTimeout: HANG_MS,
          hookTimeout: HANG_MS,
          maxWorkers: MAX_WORKERS,
        },
      },
    ],
  },
});
