import { createLogger, runProcess } from "@axial/kit";
import { loadWorkerConfig } from "./config.ts";
import { startWorker } from "./worker.ts";

const config = loadWorkerConfig();
const logger = createLogger({ service: "worker", level: config.logLevel });
runProcess(logger, (shutdown) => startWorker({ config, logger, shutdown }));
