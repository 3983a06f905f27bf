export { engineEnvironment } from "./config.ts";
export { usableCpus } from "./cpu-quota.ts";
export { devicesOf, parseProviders } from "./engine-options.ts";
export { handleJob, type JobDependencies } from "./supervisor/handle-job.ts";
export { ResultSender } from "./supervisor/result-sender.ts";
export { machineKey, readTuning, type Tuning, writeTuning } from "./tuning-file.ts";
