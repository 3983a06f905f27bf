import type { AbstentionReason, AbstentionRule, Certainty } from "@axial/contracts";

/** Four digits: more than any threshold is worth. */
const DECIMALS = 1e4;

/** Probabilities of the labels of one distribution: of the series, and of each of its slices. */
interface Votes {
  readonly series: readonly number[];
  readonly slices: readonly (readonly number[])[];
}

/**
 * How sure a series' distribution is, and which of the rule's thresholds it crosses: the share of
 * slices that vote as the series does, the entropy (of 1 for an even distribution), and the lead of
 * the most probable label.
 */
export function assessCertainty(
  rule: AbstentionRule,
  labels: readonly { readonly id: string }[],
  { series, slices }: Votes,
): Certainty {
  const leading = leaderOf(series);
  const agreeing = slices.filter((slice) => leaderOf(slice) === leading).length;
  const agreement = rounded(agreeing / slices.length);
  const entropy = rounded(entropyOf(series));
  const margin = rounded(marginOf(series));
  const crossed: AbstentionReason[] = [
    ...(agreement < (rule.minimumAgreement ?? 0) ? (["agreement"] as const) : []),
    ...(entropy > (rule.maximumEntropy ?? 1) ? (["entropy"] as const) : []),
    ...(margin < (rule.minimumMargin ?? 0) ? (["margin"] as const) : []),
  ];
  const { distribution } = rule;
  return { distribution, leading: labels[leading]?.id ?? "", agreement, entropy, margin, crossed };
}

function leaderOf(values: readonly number[]): number {
  return values.reduce((best, value, index) => (value > (values[best] ?? 0) ? index : best), 0);
}

/** Of several findings that may hold at once, too: their probabilities are made to sum to one. */
function entropyOf(values: readonly number[]): number {
  const sum = values.reduce((a, b) => a + b, 0);
  if (values.length < 2 || !(sum > 0)) return 0;
  const bits = values.map((value) => (value > 0 ? -(value / sum) * Math.log(value / sum) : 0));
  return bits.reduce((a, b) => a + b, 0) / Math.log(values.length);
}

function marginOf(values: readonly number[]): number {
  const [first = 0, second = 0] = values.toSorted((a, b) => b - a);
  return first - second;
}

function rounded(value: number): number {
  return Math.min(1, Math.max(0, Math.round(value * DECIMALS) / DECIMALS));
}
