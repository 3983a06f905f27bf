import { type Loop, startLoop } from "@axial/kit/loops";
import type { Service } from "@axial/service";
import { chainAudit } from "@axial/store/audit";
import { forgetQuality, recordQuality } from "@axial/store/quality";
import { resultsApp } from "./app.ts";
import { feedDeliveryGauge } from "./delivery/delivery-gauge.ts";
import { startDeliverySender } from "./delivery/sender.ts";
import { createDependencies, type Dependencies, type ResultsOptions } from "./dependencies.ts";
import { countFromZero, countResultsFromZero } from "./figures/count-from-zero.ts";
import { feedServiceFigures } from "./figures/service-figures.ts";
import { feedWorkFigures } from "./figures/work-figures.ts";
import { startHistory } from "./history.ts";
import { startRenderer } from "./objects/renderer.ts";
import { feedQualityMetrics } from "./quality/quality-metrics.ts";
import { startRecorder } from "./recorder/recorder.ts";
import { startSweeper } from "./sweep/sweeper.ts";

/** An entry of the audit has its place in the chain after this, and twice this under load. */
const CHAIN_EVERY_MS = 500;

/** Results count for a model's quality within a minute or two. */
const QUALITY_EVERY_MS = 30_000;

/** The memory: records what workers found, answers with it, delivers it and lets it go in time. */
export function createResults(options: ResultsOptions): Service {
  const dependencies = createDependencies(options);
  let closeLoops = async () => {};
  return {
    name: "results",
    app: resultsApp(dependencies),
    start: () => {
      closeLoops = startLoops(dependencies);
    },
    /** Resolves once every received message is recorded. */
    close: async () => {
      await Promise.all([closeLoops(), dependencies.drawings.close()]);
    },
  };
}

/** Starts what works unasked; the result ends it. */
function startLoops(dependencies: Dependencies): () => Promise<void> {
  const { db, outstanding, watcher, metrics, logger } = dependencies;
  outstanding.feed(dependencies);
  feedServiceFigures({ db, metrics, logger });
  feedWorkFigures({ db, metrics, logger });
  feedDeliveryGauge(db, metrics, logger);
  feedQualityMetrics({ db, models: dependencies.models, metrics, logger });
  countFromZero(metrics);
  countResultsFromZero(metrics, dependencies.models);
  watcher.start();
  const loops = [
    startRecorder(dependencies),
    startRenderer(dependencies),
    startDeliverySender(dependencies),
    startSweeper(dependencies),
    startChaining(dependencies),
    startHistory(dependencies),
    startQuality(dependencies),
  ];
  return async () => {
    await Promise.all(loops.map((loop) => loop.close()));
    await watcher.close();
  };
}

/** Counts results for drift. Any number may run: one of them counts. */
function startQuality({ db, logger }: Dependencies): Loop {
  return startLoop({ name: "model quality", idleMs: QUALITY_EVERY_MS, logger }, async () => {
    const more = await recordQuality(db);
    if (!more) await forgetQuality(db);
    return more;
  });
}

/** Any number may run: they take turns. */
function startChaining({ db, logger }: Dependencies): Loop {
  return startLoop({ name: "chaining of the audit", idleMs: CHAIN_EVERY_MS, logger }, async () => {
    await chainAudit(db);
    return false;
  });
}
