import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CHART, generatedAlerts, generatedChart } from "./generated-files.ts";
import { findKustomize } from "./kustomize.ts";

const kustomize = await findKustomize();
if (kustomize === null) {
  console.error("deploy: kustomize (or kubectl) is not installed");
  process.exit(1);
}
const alerts = await generatedAlerts();
for (const [path, text] of alerts) await writeFile(path, text);
await rm(join(CHART, "templates"), { recursive: true, force: true });
await mkdir(join(CHART, "templates"), { recursive: true });
const chart = await generatedChart(kustomize);
for (const [path, text] of chart) await writeFile(path, text);
console.log(`deploy: ${alerts.size + chart.size} files written`);
