import type { Evaluation, Measured } from "./evaluation.ts";
import { calibrationSvg, confusionSvg, escaped, rocSvg } from "./figures.ts";
import type { Scored } from "./scored.ts";

const STYLE =
  "body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#222}" +
  "table{border-collapse:collapse}td,th{padding:.15rem .7rem;border-bottom:1px solid #ddd;text-align:right}" +
  "td:first-child,th:first-child{text-align:left}svg{max-width:100%;height:auto;margin:.5rem 1rem .5rem 0}";

/** The evaluation as one HTML file without links: figures, curves, confusion, calibration. */
export function reportPage(report: Evaluation, scored: ReadonlyMap<string, Scored>): string {
  const { model, provider, skipped, outOfDomain, explanation } = report;
  const sections = Object.entries({ ...report.heads, ...report.marginals }).map(([name, scores]) =>
    section(name, scores, scored.get(name)),
  );
  const facts = [
    `${model.id} ${model.version}, evidence ${model.evidence}, on ${provider}.`,
    ...(outOfDomain === null
      ? []
      : [`Out of domain: ${outOfDomain.count} images, ${percent(outOfDomain.share)}.`]),
    ...(explanation === null ? [] : [deletion(explanation)]),
    ...(skipped.length === 0 ? [] : [`Skipped, not decodable: ${skipped.length}.`]),
    "For research use; not a medical device.",
  ];
  const skips = skipped.map(({ file, code }) => `<li>${escaped(file)}: ${escaped(code)}</li>`);
  return (
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(model.id)} evaluated</title>` +
    `<style>${STYLE}</style><h1>${escaped(model.id)} ${escaped(model.version)}</h1>` +
    `${facts.map((fact) => `<p>${escaped(fact)}</p>`).join("")}${sections.join("")}` +
    `${skips.length === 0 ? "" : `<h2>Skipped</h2><ul>${skips.join("")}</ul>`}</html>\n`
  );
}

function section(name: string, scores: Measured, scored?: Scored): string {
  const { intervals, macroAuc, ece, quadraticWeightedKappa: kappa } = scores;
  const facts: [string, string][] = [
    ["images", String(scores.count)],
    ["groups", String(intervals.groups)],
    ["accuracy", `${figure(scores.accuracy)} ${interval(intervals.accuracy)}`],
    ["accuracy, one vote a group", figure(intervals.accuracyPerGroup)],
    ["macro AUC", figure(macroAuc)],
    ["expected calibration error", figure(ece)],
  ];
  if (kappa !== undefined) {
    const spread = intervals.quadraticWeightedKappa;
    facts.push(["quadratic weighted kappa", `${figure(kappa)} ${spread ? interval(spread) : ""}`]);
  }
  const labels = scores.perClass.map((one) => [
    escaped(one.label),
    ...[one.precision, one.recall, one.f1, one.auc].map(figure),
    String(one.support),
  ]);
  return (
    `<h2>${escaped(name)}</h2>${table([], facts)}` +
    `${table(["label", "precision", "recall", "F1", "AUC", "support"], labels)}` +
    `${confusionSvg(scores)}${scored ? rocSvg(scored, scores) : ""}${calibrationSvg(scores)}`
  );
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
  return `<table>${header.length > 0 ? line(header, "th") : ""}${rows.map((row) => line(row, "td")).join("")}</table>`;
}

function deletion({ images, ...test }: NonNullable<Evaluation["explanation"]>): string {
  return (
    `Deletion test on ${images} images: blanking the hottest tenth cost more than the same shape moved ` +
    `at random in ${percent(test.hotBeatsShifted)} (mean fall of the winning probability ` +
    `${figure(test.meanHotDrop)} against ${figure(test.meanShiftedDrop)}).`
  );
}

function interval([low, high]: readonly [number, number]): string {
  return `(95 %: ${figure(low)} to ${figure(high)})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function figure(value: number | null): string {
  return value === null ? "–" : value.toFixed(3);
}
