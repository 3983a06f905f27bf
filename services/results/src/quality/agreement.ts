import { type Share, wilson } from "@axial/contracts";
import type { FeedbackCount } from "@axial/store/quality";

/** How far a model and its readers agree. */
export interface Agreement {
  readonly verdicts: number;
  readonly agreement: Share | null;
  /** Cohen's, over predicted and seen labels; null without two labels. */
  readonly kappa: number | null;
  /** Of each label that readers saw or that was predicted. */
  readonly labels: readonly LabelAgreement[];
  /** Expected calibration error over tenths of the predicted probability. */
  readonly calibrationError: number | null;
}

interface LabelAgreement {
  readonly label: string;
  readonly sensitivity: Share | null;
  readonly specificity: Share | null;
}

/** Agreement over a model's verdicts; `unsure` is left out. */
export function agreementOf(counts: readonly FeedbackCount[]): Agreement {
  const sure = counts.filter(({ verdict }) => verdict !== "unsure");
  const all = sum(sure);
  const pairs = sure.filter(({ truth }) => truth !== null);
  return {
    verdicts: all,
    agreement: wilson(sum(sure.filter(isRight)), all),
    kappa: kappaOf(pairs),
    labels: labelsOf(pairs).map((label) => ({ label, ...ofLabel(label, pairs) })),
    calibrationError: all === 0 ? null : calibrationError(sure),
  };
}

function sum(counts: readonly FeedbackCount[]): number {
  return counts.reduce((verdicts, count) => verdicts + count.verdicts, 0);
}

function isRight({ verdict }: FeedbackCount): boolean {
  return verdict === "agree";
}

function labelsOf(pairs: readonly FeedbackCount[]): string[] {
  return [
    ...new Set(pairs.flatMap(({ predicted, truth }) => [predicted, truth ?? []].flat())),
  ].sort();
}

/** Agreement beyond what the frequencies of the labels make likely. */
function kappaOf(pairs: readonly FeedbackCount[]): number | null {
  const all = sum(pairs);
  const labels = labelsOf(pairs);
  if (all === 0 || labels.length < 2) return null;
  const observed = sum(pairs.filter(({ predicted, truth }) => predicted === truth)) / all;
  const chance = labels.reduce((expected, label) => {
    const predicted = sum(pairs.filter((pair) => pair.predicted === label)) / all;
    return expected + (predicted * sum(pairs.filter((pair) => pair.truth === label))) / all;
  }, 0);
  return chance === 1 ? null : (observed - chance) / (1 - chance);
}

function ofLabel(label: string, pairs: readonly FeedbackCount[]): Omit<LabelAgreement, "label"> {
  const present = pairs.filter(({ truth }) => truth === label);
  const absent = pairs.filter(({ truth }) => truth !== label);
  return {
    sensitivity: wilson(sum(present.filter(({ predicted }) => predicted === label)), sum(present)),
    specificity: wilson(sum(absent.filter(({ predicted }) => predicted !== label)), sum(absent)),
  };
}

/** The middle of a tenth stands for its probabilities. */
const MIDDLE = 0.05;

function calibrationError(sure: readonly FeedbackCount[]): number {
  const all = sum(sure);
  const tenths = Map.groupBy(sure, ({ tenth }) => tenth);
  return [...tenths].reduce((error, [tenth, counts]) => {
    const verdicts = sum(counts);
    const right = sum(counts.filter(isRight)) / verdicts;
    return error + (verdicts / all) * Math.abs(right - (tenth / 10 + MIDDLE));
  }, 0);
}
