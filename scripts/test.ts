import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { containersWanted, redisAvailability, s3Availability } from "@axial/testkit";

const VITEST = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
/** Every check that one machine can run, then one closing line that counts the tests. */
const CHECKS = ["typecheck", "lint", "boundaries", "unused"];

/** Programs that some tests need, each with the one package that brings it. */
const PEERS = [
  { commands: ["chromium"], brings: "apt-get install chromium (console)" },
  { commands: ["dcmdump"], brings: "apt-get install dcmtk (DICOM by another toolkit)" },
  { commands: ["dciodvfy"], brings: "apt-get install dicom3tools (valid structured reports)" },
  { commands: ["Orthanc"], brings: "apt-get install orthanc (a PACS)" },
  {
    commands: ["kustomize"],
    brings: "go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.0 (manifests)",
  },
] as const;

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

/** What would bring the skipped tests: one package for each. */
function missing(): string[] {
  const absent = PEERS.filter(({ commands }) =>
    commands.every((command) => spawnSync("which", [command]).status !== 0),
  );
  return [
    ...(redisAvailability().available ? [] : ["apt-get install redis-server (queue on Redis)"]),
    ...(s3Availability().available ? [] : ["pip install 'moto[server]' (blobs on S3)"]),
    ...absent.map(({ brings }) => brings),
  ];
}

const failedChecks = CHECKS.filter((name) => !check(name));
if (containersWanted()) console.log("PostgreSQL, Redis and S3 run in containers");

const report = join(tmpdir(), `axial-vitest-${process.pid}.json`);
const flags = ["--reporter=dot", "--silent=passed-only"];
const reports = ["--reporter=json", `--outputFile=${report}`];
spawnSync(process.execPath, [VITEST, "run", ...flags, ...reports], { stdio: "inherit" });
const counted = JSON.parse(readFileSync(report, "utf8")) as VitestReport;

// A suite that could not even start holds no failed test, and is a failure all the same.
const failed = failedChecks.length + Math.max(counted.numFailedTests, counted.success ? 0 : 1);
for (const name of failedChecks) console.log(`failed: npm run ${name}`);
const wanted = missing();
if (wanted.length > 0) console.log(`skipped for want of: ${wanted.join("; ")}`);
console.log(
  `${counted.numPassedTests + CHECKS.length - failedChecks.length} passed, ${failed} failed, ${counted.numPendingTests} skipped`,
);
process.exitCode = failed === 0 ? 0 : 1;
