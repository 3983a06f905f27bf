import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { containersWanted, redisAvailability, s3Availability } from "@axial/testkit";

const VITEST = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
const PYTHON = process.env.AXIAL_TEST_PYTHON ?? "python3";
/** Where `go install` puts programs; tests look there too. */
const PATH = `${process.env.PATH}:${join(homedir(), "go/bin")}`;
/** Every check that one machine can run, then one closing line that counts the tests. */
const CHECKS = ["typecheck", "lint", "boundaries", "unused"];

/** Programs that some tests need, each with the one package that provides it. */
const PEERS: readonly (readonly [probe: readonly string[], install: string])[] = [
  [["which", "chromium"], "apt-get install chromium (console)"],
  [["which", "dcmdump"], "apt-get install dcmtk (DICOM by another toolkit)"],
  [["which", "dciodvfy"], "apt-get install dicom3tools (valid structured reports)"],
  [["which", "Orthanc"], "apt-get install orthanc (a PACS)"],
  [["which", "gdcmscu"], "apt-get install libgdcm-tools (DICOM by GDCM)"],
  [["which", "haproxy"], "apt-get install haproxy (compose's entry point)"],
  [["which", "kustomize"], "go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.0 (manifests)"],
  [["which", "helm"], "go install helm.sh/helm/v3/cmd/helm@v3.18.6 (chart)"],
  [[PYTHON, "-c", "import pynetdicom"], "pip install pynetdicom (DIMSE in Python)"],
  [[PYTHON, "-c", "import dicomweb_client"], "pip install dicomweb-client (DICOMweb in Python)"],
  [[PYTHON, "-c", "import fhir.resources"], "pip install fhir.resources (FHIR in Python)"],
  [[PYTHON, "-c", "import highdicom"], "pip install highdicom (structured reports in Python)"],
];

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

/** The packages, one for each, without which tests are skipped. */
function missing(): string[] {
  const env = { ...process.env, PATH };
  const absent = PEERS.filter(
    ([[program = "", ...args]]) => spawnSync(program, args, { env }).status !== 0,
  );
  return [
    ...(redisAvailability().available ? [] : ["apt-get install redis-server (queue on Redis)"]),
    ...(s3Availability().available ? [] : ["pip install 'moto[server]' (blobs on S3)"]),
    ...absent.map(([, install]) => install),
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
if (wanted.length > 0) console.log(`tests skipped; to run them: ${wanted.join("; ")}`);
console.log(
  `${counted.numPassedTests + CHECKS.length - failedChecks.length} passed, ${failed} failed, ${counted.numPendingTests} skipped`,
);
process.exitCode = failed === 0 ? 0 : 1;
