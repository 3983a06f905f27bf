import type { Dashboard } from "../panel.ts";
import { figure, lines, once } from "../queries.ts";

// A result's model has its version behind an @ here.
const OF = '{model=~"($model)(@.*)?",site=~"$site"}';
const WHERE = "model, site, scanner";

/** Whether models still see what they were made for, and are still right. */
export const quality: Dashboard = {
  uid: "axial-quality",
  title: "Axial: model quality",
  labels: ["model", "site"],
  panels: [
    figure("Largest drift (PSI)", "short", "max(axial_quality_psi) or vector(0)"),
    figure(
      "Largest share out of domain",
      "percentunit",
      'max(axial_quality_share{kind="out-of-domain"}) or vector(0)',
    ),
    figure(
      "Lowest agreement",
      "percentunit",
      'min(axial_quality_agreement{bound="value"}) or vector(1)',
    ),
    figure("Verdicts", "short", "sum(max by (model) (axial_quality_verdicts)) or vector(0)"),
    lines("Results in the window", "short", [
      "{{model}} {{site}} {{scanner}}",
      once(`axial_quality_results${OF}`, WHERE),
    ]),
    lines("Drift: population stability index", "short", [
      "{{model}} {{site}} {{scanner}} {{figure}}",
      once(`axial_quality_psi${OF}`, `${WHERE}, figure`),
    ]),
    lines("Drift: Kolmogorov-Smirnov distance", "short", [
      "{{model}} {{site}} {{scanner}} {{figure}}",
      once(`axial_quality_ks${OF}`, `${WHERE}, figure`),
    ]),
    lines("Out of domain, indeterminate, refused", "percentunit", [
      "{{model}} {{site}} {{scanner}} {{kind}}",
      once(`axial_quality_share${OF}`, `${WHERE}, kind`),
    ]),
    lines("Agreement with readers", "percentunit", [
      "{{model}} {{bound}}",
      once('axial_quality_agreement{model=~"($model)(@.*)?"}', "model, bound"),
    ]),
    lines("Kappa", "short", [
      "{{model}}",
      once('axial_quality_kappa{model=~"($model)(@.*)?"}', "model"),
    ]),
    lines("Sensitivity", "percentunit", [
      "{{model}} {{label}} {{bound}}",
      once('axial_quality_sensitivity{model=~"($model)(@.*)?"}', "model, label, bound"),
    ]),
    lines("Specificity", "percentunit", [
      "{{model}} {{label}} {{bound}}",
      once('axial_quality_specificity{model=~"($model)(@.*)?"}', "model, label, bound"),
    ]),
    lines("Calibration error", "percentunit", [
      "{{model}}",
      once('axial_quality_calibration_error{model=~"($model)(@.*)?"}', "model"),
    ]),
  ],
};
