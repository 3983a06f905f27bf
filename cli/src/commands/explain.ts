import { readFile } from "node:fs/promises";
import { asAxialError, type InstanceFacts } from "@axial/contracts";
import { instanceFacts, readInstance } from "@axial/dicom";
import { explain } from "@axial/gateway";
import { listModelPackages, readManifest } from "@axial/inference";
import type { Command } from "commander";
import { findDicomFiles } from "../client/find-files.ts";
import { DEFAULT_MODELS } from "../defaults.ts";
import { printJson, printLine } from "../output.ts";
import { explanationLines } from "../render/explanation-lines.ts";

interface ExplainOptions {
  readonly model?: string;
  readonly models: string;
  readonly json: boolean;
}

export function registerExplain(program: Command): void {
  program
    .command("explain")
    .description("what the planner would do with DICOM files, without sending anything")
    .argument("<path...>")
    .option("--model <id>", "one model (default: all)")
    .option("--models <folder>", "model packages", process.env.AXIAL_MODELS_DIR ?? DEFAULT_MODELS)
    .option("--json", "print one JSON document", false)
    .action(explainPaths);
}

async function explainPaths(paths: string[], options: ExplainOptions): Promise<void> {
  const { files } = await findDicomFiles(paths);
  const facts: InstanceFacts[] = [];
  const unreadable: { file: string; code: string }[] = [];
  for (const { path } of files) {
    try {
      facts.push(instanceFacts(readInstance(await readFile(path))));
    } catch (error) {
      unreadable.push({ file: path, code: asAxialError(error).code });
    }
  }
  const folders = await listModelPackages(options.models);
  const models = (await Promise.all(folders.map(readManifest))).filter(
    ({ id }) => options.model === undefined || id === options.model,
  );
  if (models.length === 0) throw new Error("no such model is installed: see `axial models list`");
  const explanations = explain(facts, models);
  if (options.json) printJson({ explanations, unreadable });
  else {
    for (const line of explanations.flatMap(explanationLines)) printLine(line);
    for (const { file, code } of unreadable) printLine(`${file}  unreadable: ${code}`);
  }
  if (!explanations.some(({ decision }) => decision === "task")) process.exitCode = 1;
}
