import type { Share } from "@axial/contracts";
import type { Logger, Metrics } from "@axial/kit";
import type { Dependencies } from "../dependencies.ts";
import { feedFigures } from "../figures/scraped-figures.ts";
import { SHARE_FROM_RESULTS } from "./drift.ts";
import {
  lastDays,
  type ModelAgreement,
  readAgreements,
  readSources,
  type Source,
} from "./model-quality.ts";

const FRESH_MS = 60_000;
/** Drift of a day is told within the day; a quiet scanner has too few results, and waits. */
const DRIFT_DAYS = 1;
const FEEDBACK_DAYS = 90;

type QualityOptions = Pick<Dependencies, "db" | "models"> & {
  readonly metrics: Metrics;
  readonly logger: Logger;
};

/** Sets how models do, by model, site and scanner, and what readers say, when they are scraped. */
export function feedQualityMetrics({ db, models, metrics, logger }: QualityOptions): void {
  feedFigures(
    { db, metrics, logger },
    {
      name: "model quality",
      freshMs: FRESH_MS,
      reset,
      read: async () => {
        const [sources, agreements] = await Promise.all([
          readSources({ db, models }, { tenant: null, ...lastDays(DRIFT_DAYS) }),
          readAgreements({ db, models }, { tenant: null, ...lastDays(FEEDBACK_DAYS) }),
        ]);
        reset(metrics);
        for (const source of sources) setSource(metrics, source);
        for (const agreement of agreements) setAgreement(metrics, agreement);
      },
    },
  );
}

function reset(metrics: Metrics): void {
  for (const gauge of Object.values(metrics.quality)) gauge.reset();
}

function setSource({ quality }: Metrics, source: Source): void {
  const labels = {
    model: `${source.model}@${source.version}`,
    site: source.siteId,
    scanner: source.scannerId,
  };
  quality.results.set(labels, source.results);
  for (const { figure, psi, ks } of source.drift) {
    quality.psi.set({ ...labels, figure }, psi);
    quality.ks.set({ ...labels, figure }, ks);
  }
  for (const [kind, share] of Object.entries(source.shares)) {
    if (share === null || share.of < SHARE_FROM_RESULTS) continue;
    quality.share.set({ ...labels, kind }, share.value);
  }
}

function setAgreement({ quality }: Metrics, said: ModelAgreement): void {
  const model = `${said.model}@${said.version}`;
  quality.verdicts.set({ model }, said.verdicts);
  if (said.agreement !== null) setShare(quality.agreement, { model }, said.agreement);
  if (said.kappa !== null) quality.kappa.set({ model }, said.kappa.value);
  if (said.calibrationError !== null) {
    quality.calibrationError.set({ model }, said.calibrationError.value);
  }
  for (const { label, sensitivity, specificity } of said.labels) {
    if (sensitivity !== null) setShare(quality.sensitivity, { model, label }, sensitivity);
    if (specificity !== null) setShare(quality.specificity, { model, label }, specificity);
  }
}

type ShareGauge = Metrics["quality"]["agreement"];

/** The value and the bounds of its 95 % interval. */
function setShare(gauge: ShareGauge, labels: Record<string, string>, share: Share): void {
  for (const bound of ["value", "lower", "upper"] as const) {
    gauge.set({ ...labels, bound }, share[bound]);
  }
}
