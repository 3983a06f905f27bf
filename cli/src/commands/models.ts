import { type ModelPackage, meetsEvidence } from "@axial/contracts";
import { listModelPackages, readManifest } from "@axial/inference";
import type { Command } from "commander";
import { checkPackage, type PackageCheck } from "../client/check-package.ts";
import { DEFAULT_MODELS } from "../defaults.ts";
import { printJson, printLine, progressBar, table } from "../output.ts";
import { registerModelsImport } from "./models-import.ts";
import { registerModelsQuality } from "./models-quality.ts";

interface ModelsOptions {
  readonly models: string;
  readonly json: boolean;
}

export function registerModels(program: Command): void {
  const models = program.command("models").description("the model packages on this machine");
  const common = (command: Command) =>
    command
      .option(
        "--models <folder>",
        "folder of packages",
        process.env.AXIAL_MODELS_DIR ?? DEFAULT_MODELS,
      )
      .option("--json", "print one JSON document", false);
  common(models.command("list").description("what is installed")).action(list);
  common(
    models.command("verify").description("schema, checksum, graph and golden outputs of each"),
  ).action(verify);
  registerModelsImport(common(models.command("import")));
  registerModelsQuality(models);
}

/** Models trained on generated images can be enabled for all studies (AXIAL_MODELS_SYNTHETIC). */
function waitsToBeNamed({ onRequest = false, evidence }: ModelPackage): boolean {
  return onRequest || !meetsEvidence(evidence, "research");
}

async function list(options: ModelsOptions): Promise<void> {
  const folders = await listModelPackages(options.models);
  const manifests = await Promise.all(folders.map(readManifest));
  if (options.json) return printJson(manifests);
  printLine(
    table(
      manifests.map((manifest) => ({
        model: manifest.id,
        version: manifest.version,
        evidence: manifest.evidence,
        runs: waitsToBeNamed(manifest) ? "when named" : "by itself",
        labels: String(manifest.heads[0]?.labels.length ?? 0),
        input: `${manifest.input.channels}×${manifest.input.height}×${manifest.input.width}`,
        size: `${(manifest.weights.bytes / 1e6).toFixed(1)} MB`,
        title: manifest.title,
      })),
    ),
  );
}

async function verify(options: ModelsOptions): Promise<void> {
  const folders = await listModelPackages(options.models);
  const progress = progressBar("verifying", folders.length);
  const checks: PackageCheck[] = [];
  for (const folder of folders) {
    checks.push(await checkPackage(folder));
    progress.advance(1);
  }
  progress.done();
  if (options.json) printJson(checks);
  else {
    for (const { model, ok, code, detail } of checks) {
      printLine(`${ok ? "ok    " : "broken"}  ${model}${ok ? "" : `  ${code}: ${detail ?? ""}`}`);
    }
  }
  if (checks.length === 0 || checks.some((check) => !check.ok)) process.exitCode = 1;
}
