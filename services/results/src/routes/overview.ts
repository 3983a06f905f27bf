import { AXIAL_VERSION, HOME_TENANT, LaneSchema } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import {
  countDead,
  groupDead,
  readLaneFigures,
  readLastBackup,
  readThroughput,
  readWorkers,
} from "@axial/store/views";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { DeadCodeSchema, deadCode } from "../views/dead-letter.ts";
import { Nullable, TimestampSchema } from "./common.ts";
import { IntakeLevelSchema, intakeLevels } from "./intake.ts";
import { LaneFiguresSchema } from "./lanes.ts";
import { QueueStateSchema, queueState } from "./queue-state.ts";

/** How far back the throughput goes. */
const THROUGHPUT_MINUTES = 30;

const OverviewSchema = Type.Object({
  at: TimestampSchema,
  version: Type.String(),
  lanes: Type.Array(LaneFiguresSchema),
  queue: QueueStateSchema,
  intake: Type.Array(IntakeLevelSchema, {
    description: "what limits the intake; empty while no gateway says how full that is",
  }),
  lastBackup: Nullable(TimestampSchema),
  outstanding: Type.Array(
    Type.Object({
      lane: LaneSchema,
      model: Type.String(),
      pending: Type.Integer(),
      active: Type.Integer(),
    }),
  ),
  workers: Type.Array(
    Type.Object({
      id: Type.String(),
      provider: Type.String(),
      capacity: Type.Integer(),
      models: Type.Array(Type.String()),
      seenAt: TimestampSchema,
      pool: Type.String(),
      version: Nullable(Type.String()),
      clockSkewSeconds: Type.Number(),
    }),
  ),
  throughput: Type.Array(Type.Object({ minute: TimestampSchema, predictions: Type.Integer() })),
  dead: Type.Integer({ description: "the tenant's dead letters" }),
  deadByCode: Type.Array(DeadCodeSchema),
});

/**
 * `GET /api/v1/overview`: the whole installation at a glance, for the home tenant's operators; for
 * others what is theirs of it, which no worker, lane, queue or backup is.
 */
export function overviewRoutes({
  db,
  queues,
  outstanding,
}: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/api/v1/overview",
      {
        config: { role: "operator" },
        schema: {
          summary: "Get an overview of the installation",
          response: { 200: OverviewSchema },
        },
      },
      async (request) => {
        const { tenant } = principalOf(request);
        const home = tenant === HOME_TENANT;
        const [tasks, workers, throughput, dead, codes, lanes, queue, backup, intake] =
          await Promise.all([
            home ? outstanding.read() : outstanding.readOf(tenant),
            home ? readWorkers(db) : [],
            readThroughput(db, { minutes: THROUGHPUT_MINUTES, ...(home ? {} : { tenant }) }),
            countDead(db, { tenant }),
            groupDead(db, { tenant }),
            home ? readLaneFigures(db) : [],
            home ? queueState(queues) : { refuses: null, memory: null },
            home ? readLastBackup(db) : null,
            home ? intakeLevels(db) : [],
          ]);
        return {
          at: new Date().toISOString(),
          version: AXIAL_VERSION,
          lanes,
          queue,
          intake,
          lastBackup: backup?.toISOString() ?? null,
          outstanding: [...tasks],
          workers: workers.map(({ seen_at, clock_skew_seconds, ...worker }) => ({
            ...worker,
            seenAt: seen_at.toISOString(),
            clockSkewSeconds: clock_skew_seconds,
          })),
          throughput: throughput.map(({ minute, predictions }) => ({
            minute: minute.toISOString(),
            predictions,
          })),
          dead,
          deadByCode: codes.map(deadCode),
        };
      },
    );
  };
}
