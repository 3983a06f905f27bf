export { loadWorkerConfig, type WorkerConfig } from "./config.ts";
export { usableCpus } from "./cpu-quota.ts";
export { startWorker, type WorkerDependencies } from "./worker.ts";
