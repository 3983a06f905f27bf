/** Makes a gauge of a registry. */
type MakeGauge<Gauge> = (name: string, help: string, labelNames?: string[]) => Gauge;

const SOURCE = ["model", "site", "scanner"];

/**
 * How models do in production. Sites and scanners are named by ids of ours: what DICOM calls them is
 * text (invariant 4).
 */
export function qualityMetrics<Gauge>(gauge: MakeGauge<Gauge>) {
  return {
    results: gauge("axial_quality_results", "Results of the last day", SOURCE),
    psi: gauge(
      "axial_quality_psi",
      "Population stability index of the last day against the reference",
      [...SOURCE, "figure"],
    ),
    ks: gauge(
      "axial_quality_ks",
      "Kolmogorov-Smirnov distance of the last day from the reference",
      [...SOURCE, "figure"],
    ),
    share: gauge(
      "axial_quality_share",
      "Share of the last day's series that are out of domain, indeterminate or refused",
      [...SOURCE, "kind"],
    ),
    verdicts: gauge("axial_quality_verdicts", "Readers' verdicts of 90 days", ["model"]),
    agreement: gauge("axial_quality_agreement", "Share of verdicts that agree, with 95 % bounds", [
      "model",
      "bound",
    ]),
    kappa: gauge("axial_quality_kappa", "Cohen's kappa of predicted and seen labels", ["model"]),
    sensitivity: gauge("axial_quality_sensitivity", "By readers' labels, with 95 % bounds", [
      "model",
      "label",
      "bound",
    ]),
    specificity: gauge("axial_quality_specificity", "By readers' labels, with 95 % bounds", [
      "model",
      "label",
      "bound",
    ]),
    calibrationError: gauge(
      "axial_quality_calibration_error",
      "Expected calibration error by readers' verdicts",
      ["model"],
    ),
  };
}
