import { type Share, wilson } from "@axial/contracts";
import type { FeedbackCount } from "@axial/store/quality";

/** How far a model and its readers agree. */
export interface Agreement {
  readonly verdicts: number;
  readonly agreement: Share | null;
  /** Cohen's, over predicted and seen labels, -1 to 1; null without two labels. */
  readonly kappa: Share | null;
  /** Of each label that readers saw or that was predicted. */
  readonly labels: readonly LabelAgreement[];
  /** Expected calibration error over tenths of the predicted probability, 0 to 1. */
  readonly calibrationError: Share | null;
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

/**
 * Agreement beyond what the frequencies of the labels make likely (Cohen 1960). Its interval is that
 * of the observed agreement (Wilson), with the likely one taken as known.
 */
function kappaOf(pairs: readonly FeedbackCount[]): Share | null {
  const all = sum(pairs);
  const labels = labelsOf(pairs);
  const observed = wilson(sum(pairs.filter(({ predicted, truth }) => predicted === truth)), all);
  if (observed === null || labels.length < 2) return null;
  const chance = labels.reduce((expected, label) => {
    const predicted = sum(pairs.filter((pair) => pair.predicted === label)) / all;
    return expected + (predicted * sum(pairs.filter((pair) => pair.truth === label))) / all;
  }, 0);
  if (chance === 1) return null;
  const beyond = (share: number) => (share - chance) / (1 - chance);
  const { value, lower, upper, of } = observed;
  return { value: beyond(value), lower: beyond(lower), upper: beyond(upper), of };
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
/** The quantile of the normal distribution for 95 %. */
const Z = 1.959964;
/** Added to successes and failures (Agresti and Coull): a tenth in which all are right is not sure. */
const PRIOR = 2;

/**
 * The mean distance of the share that is right from the probability, weighted by verdicts. Its
 * interval is the normal one, from the variance of that share in each tenth.
 */
function calibrationError(sure: readonly FeedbackCount[]): Share {
  const all = sum(sure);
  let [value, variance] = [0, 0];
  for (const [tenth, counts] of Map.groupBy(sure, ({ tenth: of }) => of)) {
    const verdicts = sum(counts);
    const right = sum(counts.filter(isRight));
    const weight = verdicts / all;
    value += weight * Math.abs(right / verdicts - (tenth / 10 + MIDDLE));
    const share = (right + PRIOR) / (verdicts + 2 * PRIOR);
    variance += (weight ** 2 * share * (1 - share)) / verdicts;
  }
  const half = Z * Math.sqrt(variance);
  const clip = (error: number) => Math.min(1, Math.max(0, error));
  return { value, lower: clip(value - half), upper: clip(value + half), of: all };
}
