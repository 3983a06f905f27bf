import type { BackfillResult } from "@axial/contracts";

/** Bars of a histogram of probabilities. */
const BINS = 20;
/** Distinct labels, scanners and codes that are counted apart. */
const MAX_GROUPS = 200;
const OTHERS = "others";

/** A page with plots that counts rows as they come: its memory does not grow with them. */
export class HtmlReport {
  readonly #outcomes = new Map<string, number>();
  readonly #labels = new Map<string, number>();
  readonly #reasons = new Map<string, number>();
  readonly #hours = new Map<string, number>();
  readonly #byScanner = new Map<string, number[]>();
  readonly #bySite = new Map<string, number[]>();
  #rows = 0;

  add(row: BackfillResult): void {
    this.#rows += 1;
    count(this.#outcomes, row.outcome);
    if (row.code !== null) count(this.#reasons, `${row.outcome}: ${row.code}`);
    if (row.answeredAt !== null) count(this.#hours, row.answeredAt.slice(0, 13));
    if (row.model === null || row.label === null || row.probability === null) return;
    const model = `${row.model} ${row.version}`;
    count(this.#labels, `${model}: ${row.display ?? row.label}`);
    for (const { name, label, display } of row.further ?? []) {
      count(this.#labels, `${model}, ${name}: ${display || label}`);
    }
    const scanner = [row.manufacturer, row.scanner].filter((part) => part !== null).join(" ");
    addScore(this.#byScanner, `${model} on ${scanner || "an unnamed scanner"}`, row.probability);
    addScore(this.#bySite, `${model} at ${row.site ?? "an unnamed site"}`, row.probability);
  }

  page(): string {
    return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Backfill</title>
<style>body{font:14px system-ui;margin:2em;max-width:60em}svg{background:#f4f6f8}
td{padding:0 .6em}.bar{fill:#2b6cb0}td:last-child{text-align:right}</style>
<h1>Backfill</h1><p>${this.#rows} rows. For research use only.</p>
${section("Outcomes", this.#outcomes)}${section("Labels", this.#labels)}
${section("Refusals, failures and other reasons", this.#reasons)}
${section("Answers per hour (UTC)", this.#hours, (a, b) => a[0].localeCompare(b[0]))}
<h2>Probability of the label, by model and site</h2>${histograms(this.#bySite)}
<h2>Probability of the label, by model and scanner</h2>${histograms(this.#byScanner)}
</html>\n`;
  }
}

type Entry = readonly [name: string, count: number];

function count(counts: Map<string, number>, name: string): void {
  const group = groupOf(counts, name);
  counts.set(group, (counts.get(group) ?? 0) + 1);
}

function groupOf(groups: ReadonlyMap<string, unknown>, name: string): string {
  return groups.has(name) || groups.size < MAX_GROUPS ? name : OTHERS;
}

function section(
  title: string,
  counts: ReadonlyMap<string, number>,
  order: (a: Entry, b: Entry) => number = (a, b) => b[1] - a[1],
): string {
  const entries = [...counts].toSorted(order);
  const largest = Math.max(...counts.values(), 1);
  const rows = entries.map(([name, value]) => {
    const width = Math.max(Math.round((value / largest) * 300), 1);
    const bar = `<svg width="300" height="12"><rect class="bar" width="${width}" height="12"/></svg>`;
    return `<tr><td>${escaped(name)}</td><td>${bar}</td><td>${value}</td></tr>`;
  });
  return `<h2>${title}</h2><table>${rows.join("")}</table>`;
}

function addScore(scores: Map<string, number[]>, name: string, probability: number): void {
  const group = groupOf(scores, name);
  const bins = scores.get(group) ?? new Array<number>(BINS).fill(0);
  const bin = Math.min(Math.floor(probability * BINS), BINS - 1);
  bins[bin] = (bins[bin] ?? 0) + 1;
  scores.set(group, bins);
}

function histograms(scores: ReadonlyMap<string, readonly number[]>): string {
  return [...scores]
    .map(([name, bins]) => `<h3>${escaped(name)}</h3>${histogram(bins)}`)
    .join("\n");
}

/** From 0 on the left to 1 on the right. */
function histogram(bins: readonly number[]): string {
  const largest = Math.max(...bins, 1);
  const bars = bins.map((value, index) => {
    const height = Math.round((value / largest) * 80);
    return `<rect class="bar" x="${index * 16}" y="${80 - height}" width="14" height="${height}"><title>${value}</title></rect>`;
  });
  return `<svg width="${bins.length * 16}" height="80">${bars.join("")}</svg>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
