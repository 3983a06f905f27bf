import {
  AxialError,
  type Distribution,
  DRIFT_FROM_RESULTS,
  type InputFigures,
  type ModelPackage,
  type ModelReference,
  QUALITY_FIGURES,
  type QualityFigure,
  qualityBin,
} from "@axial/contracts";

/** What the engine says of one image. */
export interface Answered {
  readonly distributions: readonly Distribution[];
  /** Distance from the training images; undefined for a model without a domain output. */
  readonly distance?: number | undefined;
  /** What the network was shown; absent for a model that takes floats. */
  readonly input?: InputFigures;
}

const FIGURES = Object.keys(QUALITY_FIGURES) as QualityFigure[];

/**
 * What drift is compared with, from answers for one image each. Answers that the package would
 * refuse in production count for nothing. Throws `invalid-request` when too few are left.
 */
export function measureReference(
  { domain }: ModelPackage,
  answers: readonly Answered[],
  measuredOn: string,
): ModelReference {
  const threshold = domain?.threshold ?? Number.POSITIVE_INFINITY;
  const results = answers.filter(
    ({ distance = 0 }) => domain?.action !== "refuse" || distance <= threshold,
  );
  if (results.length < DRIFT_FROM_RESULTS) {
    const detail = `a reference takes ${DRIFT_FROM_RESULTS} images or more; ${results.length} have a result`;
    throw new AxialError("invalid-request", { detail });
  }
  const figures: ModelReference["figures"] = {};
  for (const figure of FIGURES) {
    const values = results.flatMap((answer) => valueIn(figure, answer, threshold) ?? []);
    if (values.length > 0) figures[figure] = histogram(figure, values);
  }
  return { measuredOn, of: "image", results: results.length, figures };
}

/** Undefined where the model has no such figure. */
function valueIn(figure: QualityFigure, answer: Answered, threshold: number): number | undefined {
  switch (figure) {
    case "score":
      return answer.distributions[0]?.probability;
    case "domain-distance":
      return answer.distance === undefined ? undefined : answer.distance / threshold;
    case "input-mean":
      return answer.input?.mean;
    case "input-deviation":
      return answer.input?.deviation;
  }
}

function histogram(figure: QualityFigure, values: readonly number[]): number[] {
  const counts: number[] = new Array(QUALITY_FIGURES[figure].bins).fill(0);
  for (const value of values) {
    const bin = qualityBin(figure, value);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}
