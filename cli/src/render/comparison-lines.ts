import type { Comparison, Disagreement, DistributionComparison } from "@axial/contracts";
import { table } from "../output.ts";

/** How far two versions agree, and where they do not. */
export function comparisonLines(
  { a, b, studies, pairs, onlyA, onlyB, distributions }: Comparison,
  disagreements: readonly Disagreement[],
): string[] {
  const [first, second] = [a, b].map(({ id, version }) => `${id} ${version}`);
  return [
    `${pairs} answers of both ${first} and ${second}, in ${studies} studies`,
    ...(onlyA + onlyB === 0 ? [] : [`  ${onlyA} of the first alone, ${onlyB} of the second alone`]),
    ...distributions.flatMap(distributionLines),
    ...(disagreements.length === 0 ? [] : ["", table(disagreements.map(disagreementRow))]),
  ];
}

function distributionLines(one: DistributionComparison): string[] {
  const { name, agreement, kappa, weightedKappa, labels, confusion } = one;
  const kappas = [
    `kappa ${figure(kappa)}`,
    ...(weightedKappa === null ? [] : [`quadratic weighted kappa ${figure(weightedKappa)}`]),
  ];
  const rows = confusion.map((row, at) => ({
    [`${name}: first ↓ second →`]: labels[at] ?? "",
    ...Object.fromEntries(labels.map((label, column) => [label, String(row[column] ?? 0)])),
  }));
  return [
    "",
    `${name}: ${(agreement * 100).toFixed(2)} % agree, ${kappas.join(", ")}`,
    `  probabilities change by ${one.meanChange.toFixed(4)} on average, ${one.largestChange.toFixed(4)} at most`,
    table(rows),
  ];
}

function figure(kappa: number | null): string {
  return kappa === null ? "undefined: both always return one label" : kappa.toFixed(3);
}

function disagreementRow({ distribution, a, b, links }: Disagreement): Record<string, string> {
  return {
    distribution,
    first: `${a.label} ${a.probability.toFixed(3)}`,
    second: `${b.label} ${b.probability.toFixed(3)}`,
    link: links.console,
  };
}
