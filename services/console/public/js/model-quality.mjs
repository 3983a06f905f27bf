import { h, table } from "./dom.mjs";
import { badge, count, percent, plural } from "./format.mjs";

/** From here on a population stability index counts as a shift; the alarm's limit too. */
const SHIFT = 0.25;
const SETTLED = 0.1;

/**
 * How a model did in the last days: by site and scanner against its reference, and by what readers
 * said. Null where nothing is known of it.
 */
export function modelQuality(pkg, { sources, feedback }) {
  const isOurs = ({ model, version }) => model === pkg.id && version === pkg.version;
  const ours = sources.filter(isOurs);
  const said = feedback.find(isOurs);
  if (ours.length === 0 && said === undefined) return null;
  return h(
    "details",
    { open: ours.some(drifts) },
    h("summary", {}, "In production, last 7 days"),
    ours.length === 0
      ? null
      : table(
          `Quality of ${pkg.title} by site and scanner`,
          [
            ...["Site", "Scanner", "Results", "Drift"],
            ...["Out of domain", "Indeterminate", "Refused"],
          ],
          ours.map(sourceRow),
        ),
    said === undefined ? null : agreement(said),
  );
}

const drifts = ({ drift }) => drift.some(({ psi }) => psi > SHIFT);

function sourceRow({ site, scanner, results, hasReference, drift, shares }) {
  return [
    ...[site, scanner, count(results)],
    driftBadge(hasReference, drift),
    ...["out-of-domain", "indeterminate", "refused"].map((kind) => share(shares[kind])),
  ];
}

function driftBadge(hasReference, drift) {
  if (!hasReference) return badge("no reference");
  const [most] = drift.toSorted((a, b) => b.psi - a.psi);
  if (most === undefined) return badge("too few results");
  const tone = most.psi > SHIFT ? "bad" : most.psi > SETTLED ? "warn" : "good";
  return badge(`${most.figure} ${most.psi.toFixed(2)}`, tone);
}

/** With its 95 % interval. */
function share(one) {
  if (one === null) return "–";
  return h("span", { title: `${percent(one.lower)} to ${percent(one.upper)}` }, percent(one.value));
}

const AGREEMENT_HEADS = ["Verdicts", "Agree", "Kappa", "Calibration error"];

/** A figure with its 95 % interval. */
function figure(one) {
  if (one === null) return "–";
  const interval = `${one.lower.toFixed(2)} to ${one.upper.toFixed(2)}`;
  return h("span", {}, one.value.toFixed(2), h("span", { class: "muted" }, ` (${interval})`));
}

const agreementCells = ({ verdicts, agreement: agreed, kappa, calibrationError }) => [
  count(verdicts),
  figure(agreed),
  figure(kappa),
  figure(calibrationError),
];

/** What readers said: in all, by site and scanner, by week, and by label. */
function agreement(said) {
  return h(
    "div",
    {},
    h("h3", {}, `${plural(said.verdicts, "verdict")} of readers`),
    table(
      "Agreement with readers by site and scanner, with 95 % intervals",
      ["Site", "Scanner", ...AGREEMENT_HEADS],
      [
        ["all", "all", ...agreementCells(said)],
        ...said.sources.map((one) => [one.site, one.scanner, ...agreementCells(one)]),
      ],
    ),
    said.weeks.length === 0
      ? null
      : table(
          "Agreement with readers by week",
          ["Week from", ...AGREEMENT_HEADS],
          said.weeks.map((one) => [one.week.slice(0, 10), ...agreementCells(one)]),
        ),
    said.labels.length === 0
      ? null
      : table(
          "Sensitivity and specificity by readers' labels",
          ["Label", "Sensitivity", "Specificity"],
          said.labels.map((one) => [one.label, share(one.sensitivity), share(one.specificity)]),
        ),
  );
}
