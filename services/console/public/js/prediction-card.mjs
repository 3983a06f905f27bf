import { h } from "./dom.mjs";
import { badge, duration, evidenceBadge, percent, plural, uid, words } from "./format.mjs";
import { sliceStrip } from "./slice-strip.mjs";

/** Labels shown at once; the others are behind a click. */
const SHOWN = 4;

/** What one model says of one series. */
export function predictionCard(prediction, study, { signal, name }) {
  const { model, distributions, series, provider, timings, skipped, excluded } = prediction;
  const nameLabel = (label) => name(model.id, model.version, label);
  return h(
    "section",
    { class: "panel prediction" },
    h(
      "div",
      { class: "title-line" },
      h("h2", {}, `${model.id} ${model.version}`),
      evidenceBadge(model.evidence, model.statement),
      ...marksOf(prediction).map(({ text, tone }) => badge(text, tone)),
    ),
    h("p", { class: "muted" }, model.statement),
    ...reservations(prediction).map((text) => h("p", {}, text)),
    h(
      "div",
      { class: "distributions" },
      ...distributions.map((one) => distribution(one, nameLabel)),
    ),
    votes(prediction, nameLabel),
    sliceStrip(prediction, study, signal),
    excluded && Object.keys(excluded).length > 0
      ? h("p", { class: "muted" }, `Left out: ${leftOut(excluded)}.`)
      : null,
    skipped.length === 0
      ? null
      : h("p", { class: "muted" }, `${plural(skipped.length, "slice")} could not be used.`),
    h(
      "p",
      { class: "muted small" },
      "series ",
      uid(series),
      ` · ${provider} · waited ${duration(timings.wait)}, decoded ${duration(timings.decode)}, `,
      `inferred ${duration(timings.infer)}, recorded ${duration(timings.persist)}`,
    ),
  );
}

/** What is marked beside the model's name. */
export function marksOf({ domain, outcome, laterality }) {
  return [
    domain?.inDomain === false ? { text: "out of domain", tone: "warn" } : null,
    outcome === "indeterminate" ? { text: "indeterminate", tone: "warn" } : null,
    laterality ? { text: `side ${laterality}` } : null,
  ].filter((mark) => mark !== null);
}

/** Why the answer is not to be relied on, in sentences. */
export function reservations({ domain, outcome, certainty }) {
  return [
    domain?.inDomain === false ? outOfDomain(domain) : null,
    outcome === "indeterminate" ? cannotTell(certainty) : null,
  ].filter((text) => text !== null);
}

function outOfDomain({ distance, threshold }) {
  const figures = `distance ${distance.toFixed(2)}, threshold ${threshold.toFixed(2)}`;
  return `The images are unlike those that the model was trained on (${figures}).`;
}

function cannotTell(certainty = []) {
  const open = certainty.filter(({ crossed }) => crossed.length > 0);
  const figures = open.flatMap(({ crossed, ...one }) =>
    crossed.map((reason) => `${reason} ${one[reason].toFixed(2)}`),
  );
  return `The model cannot tell (${figures.join(", ")}): do not read the most probable label as a finding.`;
}

/** How many slices have each label first; null for a single slice. */
function votes({ slices, distributions, labels }, nameLabel) {
  const [head] = distributions;
  const ids = labels?.[head?.name];
  if (ids === undefined || slices.length < 2) return null;
  const firsts = slices.map(({ probabilities }) => {
    const values = probabilities[head.name];
    return ids[values.indexOf(Math.max(...values))];
  });
  const counted = [...Map.groupBy(firsts, (id) => id)].toSorted(
    ([, a], [, b]) => b.length - a.length,
  );
  const said = counted.map(([id, of]) => `${of.length} ${nameLabel(id)}`);
  return h("p", { class: "muted" }, `Of ${slices.length} slices: ${said.join(", ")}.`);
}

function leftOut(excluded) {
  return Object.entries(excluded)
    .map(([reason, slices]) => `${plural(slices, "slice")} ${words(reason).toLowerCase()}`)
    .join(", ");
}

function distribution({ name, display, probability, probabilities, label }, nameLabel) {
  const ranked = Object.entries(probabilities).toSorted(([, a], [, b]) => b - a);
  const row = ([id, value]) => bar(nameLabel(id), value, id === label);
  const [first, rest] = [ranked.slice(0, SHOWN), ranked.slice(SHOWN)];
  return h(
    "div",
    { class: "distribution" },
    h("h3", {}, words(name)),
    h(
      "p",
      { class: "prediction-label" },
      h("strong", {}, display),
      shownProbability({ label, probability }),
    ),
    h("ul", { class: "plain bars" }, ...first.map(row)),
    rest.length === 0
      ? null
      : h(
          "details",
          {},
          h("summary", {}, `${rest.length} more`),
          h("ul", { class: "plain bars" }, ...rest.map(row)),
        ),
  );
}

/** What cannot be told has no probability: the bars say how near the labels are. */
export function shownProbability({ label, probability }) {
  return label === "indeterminate" ? null : ` ${percent(probability)}`;
}

/** A probability as text and as a bar; the bar repeats the text, so readers pass over it. */
function bar(name, value, isFirst) {
  return h(
    "li",
    { class: isFirst ? "first" : "" },
    h("span", { class: "bar-name" }, name),
    h("meter", { min: 0, max: 1, value, "aria-hidden": "true" }),
    h("span", { class: "bar-value" }, percent(value)),
  );
}
