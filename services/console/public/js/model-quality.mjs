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

function agreement({ verdicts, agreement: agreed, kappa, labels, calibrationError }) {
  const figure = (value) => (value === null ? "–" : value.toFixed(2));
  return h(
    "div",
    {},
    h(
      "p",
      {},
      `${plural(verdicts, "verdict")} of readers: `,
      share(agreed),
      ` agree, kappa ${figure(kappa)}, calibration error ${figure(calibrationError)}.`,
    ),
    labels.length === 0
      ? null
      : table(
          "Sensitivity and specificity by readers' labels",
          ["Label", "Sensitivity", "Specificity"],
          labels.map((one) => [one.label, share(one.sensitivity), share(one.specificity)]),
        ),
  );
}
