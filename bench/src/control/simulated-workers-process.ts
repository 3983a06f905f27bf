/** Workers with simulated devices in one process. */
import { setTimeout as delay } from "node:timers/promises";
import { openBlobStore } from "@axial/blobs";
import { INFER_QUEUES } from "@axial/contracts";
import { createLogger, createMetrics, NO_TRACING, openQueues } from "@axial/kit";
import { handleJob, ResultSender } from "@axial/worker";
import { simulatedEngine } from "./simulated-engine.ts";
import { SimulatedTasks } from "./simulated-model.ts";
import type { SimulatedWorkers } from "./simulated-workers.ts";

const ANNOUNCE_EVERY_MS = 3_000;

const options = JSON.parse(process.argv[2] ?? "{}") as SimulatedWorkers;
const logger = createLogger({ service: "bench", level: "error", destination: 2 });
const metrics = createMetrics("worker");
const queues = openQueues(options.queueUrl, { logger });
const blobs = openBlobStore(options.blobUrl);
const tasks = await SimulatedTasks.of({ folder: options.modelFolder });
const tell = () => process.connected && process.send?.({ inHand });
let inHand = 0;
await delay(Math.max(0, (options.serveFrom ?? 0) - Date.now()));
const workers = Array.from({ length: options.workers }, (_, index) => {
  const sender = new ResultSender(queues.streams, null);
  const engine = simulatedEngine(tasks, options);
  const worker = `simulated-${process.pid}-${index}`;
  const announce = (capacity: number) =>
    sender.send({
      kind: "worker",
      worker,
      capacity,
      lanes: [...options.lanes],
      models: ["simulated"],
      provider: "simulated",
      at: Date.now(),
    });
  const parts = { worker, engine, blobs, sender, metrics };
  for (const lane of options.lanes) {
    queues.jobs.consume(INFER_QUEUES[lane], { concurrency: options.capacity }, async (job) => {
      inHand += 1;
      tell();
      await handleJob(job, { ...parts, tracing: NO_TRACING }).finally(() => {
        inHand -= 1;
        tell();
      });
    });
  }
  return { announce };
});
const announceAll = () =>
  Promise.all(workers.map(({ announce }) => announce(options.capacity))).catch((error) =>
    logger.error({ err: error }, "could not announce"),
  );
const timer = setInterval(announceAll, ANNOUNCE_EVERY_MS);
await announceAll();
process.on("disconnect", () => {
  clearInterval(timer);
  void Promise.all(workers.map(({ announce }) => announce(0)))
    .then(() => queues.close())
    .finally(() => process.exit(0));
});
tell();
