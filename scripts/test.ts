import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { containersWanted } from "@axial/testkit";

const VITEST = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
/** Every check that one machine can run, then one closing line that counts the tests. */
const CHECKS = ["typecheck", "lint", "boundaries", "unused"];

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
  readonly success: boolean;
}

/** Prints only what a failing check has to say. */
function check(name: string): boolean {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", name]);
  if (status !== 0) process.stdout.write(Buffer.concat([stdout, stderr]));
  return status === 0;
}

const failedChecks = CHECKS.filter((name) => !check(name));
if (containersWanted()) console.log("PostgreSQL, Redis and S3 run in containers");

const report = join(tmpdir(), `axial-vitest-${process.pid}.json`);
spawnSync(process.execPath, [VITEST, "run", "--silent=passed-only"], {
  stdio: "inherit",
  env: { ...process.env, AXIAL_TEST_REPORT: report },
});
const counted = JSON.parse(readFileSync(report, "utf8")) as VitestReport;

// A suite that could not even start holds no failed test, and is a failure all the same.
const failed = failedChecks.length + Math.max(counted.numFailedTests, counted.success ? 0 : 1);
for (const name of failedChecks) console.log(`failed: npm run ${name}`);
console.log(
  `${counted.numPassedTests + CHECKS.length - failedChecks.length} passed, ${failed} failed, ${counted.numPendingTests} skipped`,
);
process.exitCode = failed === 0 ? 0 : 1;
