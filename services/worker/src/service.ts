import type { HttpServer } from "@axial/kit";
import { workerApp } from "./app.ts";
import type { Dependencies } from "./dependencies.ts";
import { type Supervisor, startSupervisor } from "./supervisor/supervisor.ts";

interface Worker {
  /** The service's name in logs. */
  readonly name: string;
  app(): Promise<HttpServer>;
  /** Begins to take jobs. Called once. */
  start(): Promise<void>;
  /** Reloads the models at the next opportunity, even if nothing seems to have changed. */
  reload(): void;
  /** Resolves when what `start` began has ended. Also called when it never started. */
  close(): Promise<void>;
}

/** Takes jobs from the lanes, and reports how they ended. */
export function createWorker(dependencies: Dependencies): Worker {
  let supervisor: Supervisor | null = null;
  let starting: Promise<void> | undefined;
  const start = async (): Promise<void> => {
    supervisor = await startSupervisor(dependencies);
  };
  return {
    name: "worker",
    app: () => workerApp(dependencies, () => supervisor),
    start: () => {
      starting = start();
      return starting;
    },
    reload: () => supervisor?.reload(),
    close: async () => {
      // `start` already rejected with the reason.
      await starting?.catch(() => {});
      await supervisor?.close();
    },
  };
}
