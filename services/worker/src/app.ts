import { createHttpServer, type HttpServer } from "@axial/kit";
import type { Dependencies } from "./dependencies.ts";
import type { Supervisor } from "./supervisor/supervisor.ts";

/** Probes and metrics: a worker serves nothing else. `supervisor` returns null before it runs. */
export function workerApp(
  { queues, blobs, logger, metrics, tracing }: Dependencies,
  supervisor: () => Supervisor | null,
): Promise<HttpServer> {
  return createHttpServer({
    logger,
    metrics,
    tracing,
    probes: [
      { name: "queue", check: () => queues.ping() },
      { name: "blobs", check: () => blobs.ping() },
      {
        name: "engine",
        check: async () => {
          const running = supervisor();
          if (running === null) throw new Error("not started yet");
          await running.check();
        },
        note: () => supervisor()?.note ?? null,
      },
    ],
  });
}
