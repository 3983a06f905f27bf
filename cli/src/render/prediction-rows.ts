import type { PredictionView, StudyView } from "@axial/contracts";

type PredictionRow = Readonly<
  Record<"study" | "series" | "model" | "label" | "probability" | "evidence" | "time", string>
>;

/** UIDs are long and differ at the end. */
const UID_SHOWN = 14;

/** A study's predictions and refusals, a row each, as the table shows them. */
export function predictionRows(study: StudyView): PredictionRow[] {
  const predictions = study.predictions.map((prediction) => {
    const [head] = prediction.distributions;
    return {
      study: shorten(study.study),
      series: shorten(prediction.series),
      model: `${prediction.model.id} ${prediction.model.version}`,
      label: [head?.display ?? "", sideOf(prediction), domainOf(prediction)].join(""),
      probability: probabilityOf(prediction),
      evidence: prediction.model.evidence,
      time: `${Math.round(prediction.timings.total + prediction.timings.wait)} ms`,
    };
  });
  const refusals = study.refusals.map((refusal) => ({
    study: shorten(study.study),
    series: shorten(refusal.series ?? ""),
    model: refusal.model ?? "",
    label: `refused: ${refusal.code}`,
    probability: "",
    evidence: "",
    time: "",
  }));
  return [...predictions, ...refusals];
}

/** Films of both knees in one series have a row each. */
function sideOf({ laterality }: PredictionView): string {
  if (laterality !== "L" && laterality !== "R") return "";
  return laterality === "L" ? ", left" : ", right";
}

/** What cannot be told has no probability: that of the most probable label would read as one. */
function probabilityOf({ outcome, distributions: [head] }: PredictionView): string {
  return outcome === "indeterminate" ? "" : (head?.probability ?? 0).toFixed(3);
}

function domainOf({ domain }: PredictionView): string {
  return domain?.inDomain === false ? " (out of domain)" : "";
}

function shorten(uid: string): string {
  return uid.length > UID_SHOWN ? `…${uid.slice(-UID_SHOWN)}` : uid;
}
