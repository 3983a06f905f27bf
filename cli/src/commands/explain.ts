import { resolve } from "node:path";
import { asAxialError, type InstanceFacts } from "@axial/contracts";
import { instanceFacts, readInstance } from "@axial/dicom";
import { previewPlan } from "@axial/gateway";
import { listModelPackages, readManifest } from "@axial/inference";
import type { Command } from "commander";
import { DEFAULT_MODELS } from "../defaults.ts";
import type { Content } from "../files/content.ts";
import { shownItem } from "../files/file-name.ts";
import { readFound } from "../files/read-found.ts";
import { folderMemory, walk } from "../files/walk.ts";
import { printJson, printLine } from "../output.ts";
import { planPreviewLines } from "../render/plan-preview-lines.ts";

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
  const { facts, unreadable } = await readFacts(paths);
  const folders = await listModelPackages(options.models);
  const models = (await Promise.all(folders.map(readManifest))).filter(
    ({ id }) => options.model === undefined || id === options.model,
  );
  if (models.length === 0) throw new Error("no such model is installed: see `axial models list`");
  const previews = previewPlan(facts, models);
  if (options.json) printJson({ explanations: previews, unreadable });
  else {
    for (const line of previews.flatMap(planPreviewLines)) printLine(line);
    for (const { file, code } of unreadable) printLine(`${file}  unreadable: ${code}`);
  }
  if (!previews.some(({ decision }) => decision === "task")) process.exitCode = 1;
}

interface Unreadable {
  readonly file: string;
  readonly code: string;
}

/** The facts of every instance under `paths`, and what could not be read. */
async function readFacts(
  paths: readonly string[],
): Promise<{ facts: InstanceFacts[]; unreadable: Unreadable[] }> {
  const facts: InstanceFacts[] = [];
  const unreadable: Unreadable[] = [];
  const isNewFolder = folderMemory();
  for (const path of paths) {
    for await (const found of walk(Buffer.from(resolve(path)), isNewFolder)) {
      for await (const item of readFound(found)) {
        const file = shownItem(item.name);
        if (item.status === "instance") {
          try {
            facts.push(factsOf(item.content));
          } catch (error) {
            unreadable.push({ file, code: asAxialError(error).code });
          } finally {
            await item.content.release();
          }
        } else if (item.code !== "not-dicom" && item.code !== "dicomdir") {
          unreadable.push({ file, code: item.code });
        }
      }
    }
  }
  return { facts, unreadable };
}

/** A large file by its beginning: planning reads no pixels. */
function factsOf({ head, file }: Content): InstanceFacts {
  return instanceFacts(readInstance(head, { untilPixelData: file !== null }));
}
