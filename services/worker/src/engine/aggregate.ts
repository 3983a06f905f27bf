import {
  AxialError,
  type Certainty,
  type Distribution,
  type Head,
  INDETERMINATE,
  INDETERMINATE_DISPLAY,
  type ModelPackage,
} from "@axial/contracts";
import { assessCertainty } from "./certainty.ts";
import type { SliceOutputs } from "./slice-work.ts";

type Aggregation = ModelPackage["aggregation"]["kind"];

/** Six digits: beyond what float32 and the golden tolerance can tell apart. */
const DECIMALS = 1e6;

/** What a model says of a series. */
interface Aggregate {
  /** Each head over its slices, followed by the head's marginals. */
  readonly distributions: Distribution[];
  /** One for each rule of abstention that the package has. */
  readonly certainty: Certainty[];
}

/**
 * What a model says of a series of at least one slice. A distribution over which it abstains keeps
 * its probabilities and has no label but `indeterminate`. Throws `inference-failed` when the model
 * gave something that is not a number.
 */
export function aggregate(manifest: ModelPackage, slices: readonly SliceOutputs[]): Aggregate {
  const heads = manifest.heads.map((head) => aggregateHead(head, { manifest, slices }));
  return {
    distributions: heads.flatMap(({ distributions }) => distributions),
    certainty: heads.flatMap(({ certainty }) => certainty),
  };
}

function aggregateHead(
  head: Head,
  { manifest, slices }: { manifest: ModelPackage; slices: readonly SliceOutputs[] },
): Aggregate {
  const rows = slices.map((slice) => probabilitiesOf(head, slice));
  const combined = combine(manifest.aggregation.kind, rows, head);
  const asked = [
    { named: { ...head, kind: "head" } as const, sums: (row: readonly number[]) => row },
    ...(head.marginals ?? []).map((marginal) => ({
      named: { ...marginal, kind: "marginal" } as const,
      sums: (row: readonly number[]) => marginalOf(head, marginal, row),
    })),
  ];
  const certainty = (manifest.abstention ?? []).flatMap((rule) =>
    asked
      .filter(({ named }) => named.name === rule.distribution)
      .map(({ named, sums }) =>
        assessCertainty(rule, named.labels, { series: sums(combined), slices: rows.map(sums) }),
      ),
  );
  const open = certainty.some(({ crossed }) => crossed.length > 0);
  const distributions = asked.map(({ named, sums }) => distribution(named, sums(combined)));
  return { distributions: open ? distributions.map(withoutLabel) : distributions, certainty };
}

function withoutLabel(given: Distribution): Distribution {
  return { ...given, label: INDETERMINATE, display: INDETERMINATE_DISPLAY };
}

/** One slice's probabilities of each label of `head`, within 0..1. */
export function probabilitiesOf(head: Head, slice: SliceOutputs): number[] {
  const values = slice[head.output]?.values ?? new Float32Array();
  if (values.length !== head.labels.length || !values.every(Number.isFinite)) {
    throw new AxialError("inference-failed", { detail: `${head.output} is not a distribution` });
  }
  return Array.from(values, rounded);
}

function combine(kind: Aggregation, rows: readonly number[][], head: Head): number[] {
  // The graph has seen the whole series and repeats its output in every row.
  if (kind === "in-graph") return rows[0] ?? [];
  const columns = head.labels.map((_, label) => rows.map((row) => row[label] ?? 0));
  if (kind === "mean") {
    return columns.map((column) => column.reduce((a, b) => a + b, 0) / column.length);
  }
  const highest = columns.map((column) => Math.max(...column));
  return head.kind === "softmax" ? normalised(highest) : highest;
}

function marginalOf(
  head: Head,
  { labels }: NonNullable<Head["marginals"]>[number],
  row: readonly number[],
): number[] {
  return labels.map(({ of }) =>
    head.labels.reduce(
      (sum, label, index) => (of.includes(label.id) ? sum + (row[index] ?? 0) : sum),
      0,
    ),
  );
}

interface Named {
  readonly name: string;
  readonly kind: "head" | "marginal";
  readonly labels: readonly { readonly id: string; readonly display: string }[];
}

function distribution({ name, kind, labels }: Named, values: readonly number[]): Distribution {
  const winner = indexOfMax(values);
  const entries = labels.map((label, index) => [label.id, rounded(values[index] ?? 0)] as const);
  return {
    name,
    kind,
    label: labels[winner]?.id ?? "",
    display: labels[winner]?.display ?? "",
    probability: rounded(values[winner] ?? 0),
    probabilities: Object.fromEntries(entries),
  };
}

export function indexOfMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) {
    if ((values[index] ?? 0) > (values[best] ?? 0)) best = index;
  }
  return best;
}

function normalised(values: readonly number[]): number[] {
  const sum = values.reduce((a, b) => a + b, 0);
  return sum === 0 ? [...values] : values.map((value) => value / sum);
}

function rounded(value: number): number {
  return Math.min(1, Math.max(0, Math.round(value * DECIMALS) / DECIMALS));
}
