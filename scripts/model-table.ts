import { globSync, readFileSync, writeFileSync } from "node:fs";
import { type ModelPackage, ModelPackageSchema, parseAs } from "@axial/contracts";

/** Writes the README's table of models from the packages, so that it cannot drift from them. */
const BEGIN = "<!-- models: written by scripts/model-table.ts -->";
const END = "<!-- /models -->";

function row(model: ModelPackage): string {
  const when = model.onRequest ? ", when named" : "";
  const figures = Object.entries(model.metrics.values)
    .slice(0, 4)
    .map(([name, value]) => `${name} ${value.toFixed(3)}`)
    .join(", ");
  return `| \`${model.id}\` | ${model.title} | ${model.evidence}${when} | ${figures} (${model.metrics.data}) |`;
}

const manifests = globSync("models/*/*/model.json")
  .sort()
  .map((file) => parseAs(ModelPackageSchema, JSON.parse(readFileSync(file, "utf8"))));
const table = [
  BEGIN,
  "| id | what | evidence | measured on data not trained on |",
  "|---|---|---|---|",
  ...manifests.map(row),
  END,
].join("\n");

const readme = readFileSync("README.md", "utf8");
const [before, rest] = readme.split(BEGIN);
const after = rest?.split(END)[1];
if (before === undefined || after === undefined)
  throw new Error("README.md has no table of models");
const written = `${before}${table}${after}`;
const check = process.argv.includes("--check");
if (check && written !== readme) {
  console.error("README.md: the table of models is old: run `npm run models:table`");
  process.exitCode = 1;
}
if (!check) writeFileSync("README.md", written);
