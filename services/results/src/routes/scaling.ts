import { AxialError, LANES, type Lane } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { readWorkers, type WorkerRow } from "@axial/store/views";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { demandHome } from "./common.ts";

/** Every lane together. */
const EVERY_POOL = "all";

const ScalingSchema = Type.Object({
  pool: Type.String(),
  outstanding: Type.Integer({ description: "unfinished tasks, including running ones" }),
  pending: Type.Integer(),
  active: Type.Integer(),
  deviceSeconds: Type.Number({
    description:
      "seconds that one worker would need, including decoding, for the tasks that are running or may run now (none of paused tenants or beyond a tenant's limits), from recent times per model",
  }),
  workers: Type.Integer(),
  capacity: Type.Integer({ description: "tasks that the live workers can hold at once" }),
});

/**
 * `GET /scaling/{pool}`: a pool is `all`, a lane, or a model. Running work counts: a worker in the
 * middle of a batch must not be scaled away because nothing waits behind it.
 */
export function scalingRoutes({ db, outstanding }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/scaling/:pool",
      {
        config: { role: "reader" },
        schema: {
          summary: "Get the outstanding work, for an autoscaler",
          params: Type.Object({ pool: Type.String({ maxLength: 63 }) }),
          response: { 200: ScalingSchema },
        },
      },
      async (request) => {
        demandHome(principalOf(request));
        const { pool } = request.params;
        const [tasks, workers] = await Promise.all([outstanding.read(), readWorkers(db)]);
        const isLane = LANES.includes(pool as Lane);
        const ready = workers.filter((worker) => worker.capacity > 0);
        const served = pool === EVERY_POOL ? ready : workersOf(ready, pool);
        const counted = tasks.filter(
          ({ lane, model }) => pool === EVERY_POOL || pool === lane || pool === model,
        );
        if (!isLane && pool !== EVERY_POOL && counted.length + served.length === 0) {
          throw new AxialError("not-found", { detail: "no such pool: all, a lane or a model" });
        }
        const pending = counted.reduce((sum, row) => sum + row.pending, 0);
        const active = counted.reduce((sum, row) => sum + row.active, 0);
        return {
          pool,
          outstanding: pending + active,
          pending,
          active,
          deviceSeconds: counted.reduce((sum, row) => sum + row.deviceSeconds, 0),
          workers: served.length,
          capacity: served.reduce((sum, worker) => sum + worker.capacity, 0),
        };
      },
    );
  };
}

/** The workers that serve a lane, or a model. */
function workersOf(workers: readonly WorkerRow[], pool: string): WorkerRow[] {
  return workers.filter(
    ({ models, lanes }) => models.includes(pool) || lanes.some((lane) => lane === pool),
  );
}
