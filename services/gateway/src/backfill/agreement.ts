import type { Distribution, DistributionComparison } from "@axial/contracts";

/** Labels beyond this are counted together: a head has few, and memory stays small. */
const MAX_LABELS = 256;
const OTHERS = "others";

/** Counts what two versions said about the same series; its memory does not grow with them. */
export class Agreement {
  readonly #name: string;
  readonly #order: readonly string[] | null;
  readonly #labels: string[];
  readonly #counts = new Map<string, number>();
  #pairs = 0;
  #same = 0;
  #change = 0;
  #largest = 0;

  /** `ordered` is null where the labels have no order. */
  constructor(name: string, ordered: readonly string[] | null) {
    this.#name = name;
    this.#order = ordered;
    this.#labels = [...(ordered ?? [])];
  }

  add(a: Distribution, b: Distribution): void {
    const [first, second] = [this.#labelOf(a.label), this.#labelOf(b.label)];
    const key = `${first}\n${second}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.#pairs += 1;
    if (a.label === b.label) this.#same += 1;
    const change = largestChange(a, b);
    this.#change += Math.abs((b.probabilities[a.label] ?? 0) - (a.probabilities[a.label] ?? 0));
    this.#largest = Math.max(this.#largest, change);
  }

  figures(): DistributionComparison {
    const labels = this.#labels;
    const confusion = labels.map((row) =>
      labels.map((column) => this.#counts.get(`${row}\n${column}`) ?? 0),
    );
    const pairs = this.#pairs;
    return {
      name: this.#name,
      pairs,
      agreement: pairs === 0 ? 0 : this.#same / pairs,
      kappa: kappaOf(confusion, (a, b) => (a === b ? 0 : 1)),
      weightedKappa: this.#weightedKappa(confusion),
      ...{ labels, confusion },
      meanChange: pairs === 0 ? 0 : this.#change / pairs,
      largestChange: this.#largest,
    };
  }

  /** Over the labels that have an order; an abstention has no place in it. */
  #weightedKappa(confusion: readonly (readonly number[])[]): number | null {
    const order = this.#order;
    if (order === null) return null;
    const ordered = confusion.slice(0, order.length).map((row) => row.slice(0, order.length));
    return kappaOf(ordered, (a, b) => (a - b) ** 2);
  }

  #labelOf(label: string): string {
    if (this.#labels.includes(label)) return label;
    const known = this.#labels.length < MAX_LABELS ? label : OTHERS;
    if (!this.#labels.includes(known)) this.#labels.push(known);
    return known;
  }
}

/** Of any label's probability. */
function largestChange(a: Distribution, b: Distribution): number {
  const labels = Object.keys(a.probabilities);
  return labels.reduce(
    (largest, label) =>
      Math.max(largest, Math.abs((b.probabilities[label] ?? 0) - (a.probabilities[label] ?? 0))),
    0,
  );
}

/**
 * Cohen's kappa (Cohen 1960; with weights Cohen 1968): one less the disagreement that was seen over
 * what chance would make of the same marginal counts. Null where chance makes none.
 */
export function kappaOf(
  confusion: readonly (readonly number[])[],
  distance: (a: number, b: number) => number,
): number | null {
  const rows = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const columns = confusion.map((_, column) =>
    confusion.reduce((sum, row) => sum + (row[column] ?? 0), 0),
  );
  const pairs = rows.reduce((sum, count) => sum + count, 0);
  let [seen, expected] = [0, 0];
  for (const [a, row] of confusion.entries()) {
    for (const [b, count] of row.entries()) {
      seen += distance(a, b) * count;
      expected += (distance(a, b) * (rows[a] ?? 0) * (columns[b] ?? 0)) / pairs;
    }
  }
  return pairs === 0 || expected === 0 ? null : 1 - seen / expected;
}
