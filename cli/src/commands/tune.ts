import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ModelPackage, mostSlices } from "@axial/contracts";
import { readManifest } from "@axial/inference/packages";
import { phantomSeries } from "@axial/testkit";
import { type TuningReport, tuneModel } from "@axial/tools/tune";
import type { Command } from "commander";
import { DEFAULT_DATA, DEFAULT_MODELS, TUNING_FILE } from "../defaults.ts";
import { newestVersion } from "../newest-version.ts";
import { type Progress, printJson, printLine, progressBar, table } from "../output.ts";

interface TuneFlags {
  readonly model: string;
  readonly models: string;
  readonly data: string;
  readonly providers: string;
  readonly batch: readonly number[];
  readonly engines: readonly number[];
  readonly images: number;
  readonly rounds: number;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Slices of the generated series for a model that takes all slices. */
const SLICES = 16;

export function registerTune(program: Command): void {
  program
    .command("tune")
    .description("measure how a model runs fastest on this machine, and save that for the workers")
    .requiredOption("--model <id>", "the model to measure")
    .option("--models <folder>", "model packages", process.env.AXIAL_MODELS_DIR ?? DEFAULT_MODELS)
    .option(
      "--data <folder>",
      `data folder; ${TUNING_FILE} in it is what workers read`,
      DEFAULT_DATA,
    )
    .option("--providers <list>", "execution providers in order", "cpu")
    .option("--batch <sizes>", "batch sizes", numbers, [1, 2, 4, 8, 16])
    .option("--engines <counts>", "engines side by side", numbers, [1])
    .option("--images <n>", "images per measurement", Number, 128)
    .option("--rounds <n>", "measurements of each, alternating", Number, 3)
    .option("--dry-run", "measure, and write nothing", false)
    .option("--json", "print one JSON document", false)
    .action(tune);
}

async function tune(flags: TuneFlags): Promise<void> {
  const folder = await newestVersion(flags.models, flags.model);
  const series = await mkdtemp(join(tmpdir(), "axial-tune-"));
  const file = join(flags.data, TUNING_FILE);
  let progress: Progress | undefined;
  try {
    const report = await tuneModel({
      folder,
      files: await writeSeries(series, await readManifest(folder)),
      modelId: flags.model,
      images: flags.images,
      providers: flags.providers,
      batchSizes: flags.batch,
      engines: flags.engines,
      rounds: flags.rounds,
      ...(flags.dryRun ? {} : { file }),
      onProgress: (_done, total) => {
        progress ??= progressBar("measuring", total);
        progress.advance(1);
      },
    });
    progress?.done();
    if (flags.json) printJson({ ...report, file: flags.dryRun ? null : file });
    else printReport(report, flags.dryRun ? null : file);
  } finally {
    await rm(series, { recursive: true, force: true });
  }
}

/** A generated series of as many slices as the model looks at. */
async function writeSeries(folder: string, { slices }: ModelPackage): Promise<string[]> {
  const count = slices.kind === "all" ? SLICES : mostSlices(slices);
  const { files } = phantomSeries({ kind: "brain", slices: count });
  const paths = files.map((_, index) => join(folder, `${index}.dcm`));
  await Promise.all(paths.map((path, index) => writeFile(path, files[index] ?? "")));
  return paths;
}

function printReport(report: TuningReport, file: string | null): void {
  const { machine, model, measured, best, provider, unavailable } = report;
  for (const { provider: missing, reason } of unavailable) {
    printLine(`${missing} does not work here (${reason}): measured on ${provider}`);
  }
  printLine(`${model} on ${machine}\n`);
  printLine(
    table(
      measured.map((one) => ({
        engines: String(one.engines),
        sessions: String(one.sessions),
        threads: String(one.sessionThreads),
        batch: String(one.batchImages),
        "images/s": one.imagesPerSecond.toFixed(1),
        "of best": (one.imagesPerSecond / best.imagesPerSecond).toFixed(2),
      })),
    ),
  );
  printLine(
    file === null ? "\nnothing written" : `\nwritten to ${file}; restart the workers to use it`,
  );
}

function numbers(list: string): number[] {
  const found = list.split(",").map(Number);
  if (found.every((number) => Number.isInteger(number) && number > 0)) return found;
  throw new Error(`not a list of whole numbers above 0: ${list}`);
}
