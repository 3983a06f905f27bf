import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { skippedLine } from "../skipped-tests.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SAMPLES = fileURLToPath(new URL("skipped/run.ts", import.meta.url));

it("names what was really skipped, with what would run it", async () => {
  const { stdout } = await run(process.execPath, [SAMPLES]);
  expect(stdout.trim()).toBe(
    "tests skipped; to run them: apt-get install program (2); Linux (1); root on Linux (1)",
  );
});

it("says nothing when nothing was skipped for want of something", () => {
  expect(skippedLine([])).toBeNull();
  expect(skippedLine([[], []])).toBeNull();
});

it("counts a test that lacks two things for both", () => {
  const line = skippedLine([["a", "b"], ["b"]]);
  expect(line).toBe("tests skipped; to run them: b (2); a (1)");
});

it("knows why each test is skipped: all of them say so by `needs`, `onlyIf` or `skipNow`", () => {
  const files = globSync("{libs,services,cli,tools,e2e,bench,deploy,docker,scripts}/**/*.test.ts", {
    cwd: ROOT,
    exclude: ["**/node_modules/**"],
  });
  expect(files.length).toBeGreaterThan(200);
  const silent = files.filter((file) =>
    /\.(skipIf|runIf)\(|\b(it|test|describe|context)\.skip\b/.test(
      readFileSync(`${ROOT}/${file}`, "utf8"),
    ),
  );
  expect(silent).toEqual([]);
});
