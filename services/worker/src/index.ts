export { loadWorkerConfig, type WorkerConfig } from "./config.ts";
export { startWorker, type WorkerDependencies } from "./worker.ts";
