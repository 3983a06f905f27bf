import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { containersWanted, redisAvailability, s3Availability } from "@axial/testkit";

const VITEST = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
/** Every check that one machine can run, then one closing line that counts the tests. */
const CHECKS = ["typecheck", "lint", "boundaries"];

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
  readonly success: boolean;
}

function run(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "inherit" }).status === 0;
}

const failedChecks = CHECKS.filter((check) => !run("npm", ["run", "--silent", check]));
if (containersWanted()) console.log("PostgreSQL, Redis and S3 run in containers");
const redis = redisAvailability();
if (!redis.available) console.log(`Redis half of the queue tests skipped: ${redis.reason}`);
const s3 = s3Availability();
if (!s3.available) console.log(`S3 half of the blob store tests skipped: ${s3.reason}`);

const report = join(tmpdir(), `axial-vitest-${process.pid}.json`);
run(process.execPath, [
  VITEST,
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile=${report}`,
]);
const counted = JSON.parse(readFileSync(report, "utf8")) as VitestReport;

// A suite that failed to start has no failed test but is still a failure.
const failed = failedChecks.length + Math.max(counted.numFailedTests, counted.success ? 0 : 1);
for (const check of failedChecks) console.log(`failed: npm run ${check}`);
console.log(
  `${counted.numPassedTests + CHECKS.length - failedChecks.length} passed, ${failed} failed, ${counted.numPendingTests} skipped`,
);
process.exitCode = failed === 0 ? 0 : 1;
