import { type Evaluation, evaluateModel } from "@axial/tools/evaluate";
import type { Command } from "commander";
import { DEFAULT_MODELS } from "../defaults.ts";
import { newestVersion } from "../newest-version.ts";
import { type Progress, printJson, printLine, progressBar, table } from "../output.ts";
import { writeReference } from "../write-reference.ts";

interface EvaluateFlags {
  readonly model: string;
  readonly models: string;
  readonly images: string;
  readonly labels?: string;
  readonly split?: string;
  readonly out?: string;
  readonly report?: string;
  readonly writeReference?: string;
  readonly explain: boolean;
  readonly json: boolean;
}

export function registerEvaluate(program: Command): void {
  program
    .command("evaluate")
    .description("run labelled images through the production engine and score the answers")
    .requiredOption("--model <id>", "the model to evaluate")
    .requiredOption("--images <folder>", "labelled images: a folder per label, or with --labels")
    .option("--labels <csv>", "CSV with a column `file` and one per head or marginal")
    .option("--split <name>", "only rows whose column `split` says this")
    .option("--out <folder>", "where confusion matrices, ROC curves and evaluation.json go")
    .option("--report <file>", "where an HTML page with figures, curves and confusion goes")
    .option(
      "--write-reference <words>",
      "keep the results in the package as what drift is compared with; say what the images are",
    )
    .option("--explain", "test whether heat maps show what answers rest on (blanking)", false)
    .option("--models <folder>", "model packages", process.env.AXIAL_MODELS_DIR ?? DEFAULT_MODELS)
    .option("--json", "print one JSON document", false)
    .action(evaluate);
}

async function evaluate(flags: EvaluateFlags): Promise<void> {
  const folder = await newestVersion(flags.models, flags.model);
  let progress: Progress | undefined;
  let shown = 0;
  const evaluation = await evaluateModel({
    folder,
    images: flags.images,
    ...(flags.labels === undefined ? {} : { labels: flags.labels }),
    ...(flags.split === undefined ? {} : { split: flags.split }),
    ...(flags.out === undefined ? {} : { out: flags.out }),
    ...(flags.report === undefined ? {} : { report: flags.report }),
    ...(flags.writeReference === undefined ? {} : { referenceOn: flags.writeReference }),
    explain: flags.explain,
    onProgress: (done, total) => {
      progress ??= progressBar("evaluating", total);
      progress.advance(done - shown);
      shown = done;
    },
  });
  progress?.done();
  const { reference } = evaluation;
  if (reference !== null) await writeReference(folder, reference);
  if (flags.json) printJson(evaluation);
  else printReport(evaluation);
  if (evaluation.skipped.length > 0) process.exitCode = 1;
}

function printReport(evaluation: Evaluation): void {
  const { model, provider, count, accuracy, macroAuc, perClass, skipped } = evaluation;
  printLine(`${model.id} ${model.version} (${model.evidence}) on ${provider}, ${count} images\n`);
  printLine(
    table(
      perClass.map((one) => ({
        label: one.label,
        precision: figure(one.precision),
        recall: figure(one.recall),
        F1: figure(one.f1),
        support: String(one.support),
      })),
    ),
  );
  const { intervals, ece } = evaluation;
  const calibrated = `macro AUC ${figure(macroAuc)}  calibration error ${figure(ece)}`;
  printLine(`\naccuracy ${figure(accuracy)} ${interval(intervals.accuracy)}  ${calibrated}`);
  printLine(`${intervals.groups} groups, one vote each: ${figure(intervals.accuracyPerGroup)}`);
  const kappa = evaluation.quadraticWeightedKappa;
  if (kappa !== undefined) {
    const spread = intervals.quadraticWeightedKappa;
    printLine(`quadratic weighted kappa ${figure(kappa)}${spread ? ` ${interval(spread)}` : ""}`);
  }
  for (const [name, scores] of Object.entries(evaluation.marginals)) {
    printLine(`${name}: accuracy ${figure(scores.accuracy)}  macro AUC ${figure(scores.macroAuc)}`);
  }
  const { outOfDomain } = evaluation;
  if (outOfDomain !== null) {
    const share = `${(outOfDomain.share * 100).toFixed(1)} %`;
    printLine(`out of domain: ${outOfDomain.count} images, ${share}`);
  }
  if (evaluation.explanation !== null) printDeletionTest(evaluation.explanation);
  if (evaluation.reference !== null) {
    printLine(`reference for drift, of ${evaluation.reference.results} images: in the package`);
  }
  for (const { file, code } of skipped) printLine(`skipped ${file}: ${code}`);
}

function printDeletionTest(test: NonNullable<Evaluation["explanation"]>): void {
  const share = `${(test.hotBeatsShifted * 100).toFixed(1)} %`;
  printLine(
    `heat maps: blanking the hottest tenth cost more than the same shape elsewhere in ${share} of ${test.images} images (mean fall ${figure(test.meanHotDrop)} against ${figure(test.meanShiftedDrop)})`,
  );
}

function interval([low, high]: readonly [number, number]): string {
  return `(${figure(low)} to ${figure(high)})`;
}

function figure(value: number | null): string {
  return value === null ? "–" : value.toFixed(3);
}
