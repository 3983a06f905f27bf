import type { Service } from "@axial/service";
import { resultsApp } from "./app.ts";
import { startDeliverySender } from "./delivery/sender.ts";
import { createDependencies, type Dependencies, type ResultsOptions } from "./dependencies.ts";
import { startRecorder } from "./recorder/recorder.ts";
import { startSweeper } from "./sweep/sweeper.ts";

/** The memory: records what workers found, answers with it, delivers it and lets it go in time. */
export function createResults(options: ResultsOptions): Service {
  const dependencies = createDependencies(options);
  let close = async () => {};
  return {
    name: "results",
    app: resultsApp(dependencies),
    start: () => {
      close = startLoops(dependencies);
    },
    /** Resolves once every received message is recorded. */
    close: () => close(),
  };
}

/** Starts what works unasked; the result ends it. */
function startLoops(dependencies: Dependencies): () => Promise<void> {
  const { outstanding, watcher, metrics, logger } = dependencies;
  outstanding.feed(metrics, logger);
  watcher.start();
  const loops = [
    startRecorder(dependencies),
    startDeliverySender(dependencies),
    startSweeper(dependencies),
  ];
  return async () => {
    await Promise.all(loops.map((loop) => loop.close()));
    await watcher.close();
  };
}
