import {
  DRIFT_FROM_RESULTS,
  kolmogorovSmirnov,
  type ModelReference,
  populationStability,
  QUALITY_FIGURES,
  type QualityFigure,
  type Share,
  wilson,
} from "@axial/contracts";
import type { BinCounts, QualityCounts } from "@axial/store/quality";

/** Fewer say nothing of a share. */
export const SHARE_FROM_RESULTS = 30;

const FIGURES = Object.keys(QUALITY_FIGURES) as QualityFigure[];
/** Figures with 0 and 1 as their bins. */
const SHARES = ["out-of-domain", "indeterminate", "refused"] as const;

/** How far a figure is from the reference. */
interface Drift {
  readonly figure: QualityFigure;
  readonly psi: number;
  readonly ks: number;
  readonly results: number;
}

/** What a model did in the images of one scanner, as numbers. */
export interface SourceQuality {
  readonly results: number;
  readonly drift: readonly Drift[];
  readonly shares: Readonly<Record<(typeof SHARES)[number], Share | null>>;
}

/** Without a reference, and of too few results, there is no drift to tell. */
export function qualityOf(
  { figures }: Pick<QualityCounts, "figures">,
  reference: ModelReference | null,
): SourceQuality {
  const results = total(binsOf("score", figures));
  return {
    results,
    drift: FIGURES.flatMap((figure) => driftOf(figure, figures, reference) ?? []),
    shares: {
      "out-of-domain": shareOf(figures["out-of-domain"]),
      indeterminate: shareOf(figures.indeterminate),
      refused: shareOf(figures.refused),
    },
  };
}

function driftOf(
  figure: QualityFigure,
  figures: QualityCounts["figures"],
  reference: ModelReference | null,
): Drift | null {
  const expected = reference?.figures[figure];
  const counts = binsOf(figure, figures, reference?.of);
  const results = total(counts);
  if (expected === undefined || results < DRIFT_FROM_RESULTS) return null;
  const psi = populationStability(expected, counts);
  return { figure, psi, ks: kolmogorovSmirnov(expected, counts), results };
}

/** The counts of all bins, in their order: of all results, or of those of one image. */
function binsOf(
  figure: QualityFigure,
  figures: QualityCounts["figures"],
  of?: ModelReference["of"],
): number[] {
  const counts = figures[of === undefined ? figure : `${of}-${figure}`] ?? {};
  return Array.from({ length: QUALITY_FIGURES[figure].bins }, (_, bin) => counts[bin] ?? 0);
}

function shareOf(counts: BinCounts | undefined): Share | null {
  const [without, having] = [counts?.[0] ?? 0, counts?.[1] ?? 0];
  return wilson(having, without + having);
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The results of several sources as a reference. */
export function referenceOf(
  sources: readonly Pick<QualityCounts, "figures">[],
  measuredOn: string,
): ModelReference | null {
  const figures: ModelReference["figures"] = {};
  let results = 0;
  for (const figure of FIGURES) {
    const all = sources.map((source) => binsOf(figure, source.figures));
    const counts = Array.from({ length: QUALITY_FIGURES[figure].bins }, (_, bin) =>
      total(all.map((bins) => bins[bin] ?? 0)),
    );
    if (total(counts) > 0) figures[figure] = counts;
    if (figure === "score") results = total(counts);
  }
  return results < DRIFT_FROM_RESULTS ? null : { measuredOn, results, figures };
}
