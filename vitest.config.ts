import { defineConfig } from "vitest/config";

const TESTS = [
  "libs/*/test",
  "services/*/test",
  "cli/test",
  "bench/test",
  "e2e/test",
  "deploy/test",
  "docker/test",
];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: TESTS.map((folder) => `${folder}/**/*.test.ts`),
          exclude: ["**/*.int.test.ts", "**/*.e2e.test.ts", "**/node_modules/**"],
        },
      },
      {
        test: {
          name: "integration",
          include: TESTS.map((folder) => `${folder}/**/*.{int,e2e}.test.ts`),
          exclude: ["**/node_modules/**"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
