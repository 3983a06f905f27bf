import { HOME_TENANT, LaneSchema } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { readHistory } from "@axial/store/history";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { Nullable, TimestampSchema } from "./common.ts";

const HOUR = 60;
const DAY = 24 * HOUR;
/** Range → its length and that of a step, in minutes: some hundred steps each. */
const RANGES = {
  "15m": { minutes: 15, stepMinutes: 1 },
  "1h": { minutes: HOUR, stepMinutes: 1 },
  "6h": { minutes: 6 * HOUR, stepMinutes: 5 },
  "1d": { minutes: DAY, stepMinutes: 15 },
  "7d": { minutes: 7 * DAY, stepMinutes: HOUR },
  "30d": { minutes: 30 * DAY, stepMinutes: 4 * HOUR },
} as const;
const RangeSchema = Type.Enum(["15m", "1h", "6h", "1d", "7d", "30d"], { default: "1h" });

const Values = (description: string) =>
  Type.Array(Nullable(Type.Number()), { description: `${description}; null: not recorded` });

const HistorySchema = Type.Object({
  stepSeconds: Type.Integer(),
  at: Type.Array(TimestampSchema, { description: "start of each step" }),
  lines: Type.Array(
    Type.Object({
      name: Type.String({ description: "lane or model" }),
      waiting: Values("tasks that wait, mean of the step"),
      running: Values("tasks at workers, mean of the step"),
      oldestSeconds: Values("age of the oldest waiting task, highest of the step"),
      resultsPerMinute: Values("results per minute"),
      latencyP50: Values("seconds from the plan to the result, median"),
      latencyP99: Values("seconds from the plan to the result, 99th percentile"),
      batchSize: Values("images of the batches, mean"),
    }),
  ),
});

/**
 * `GET /api/v1/history`: work over time. The home tenant's operators see all tenants' together,
 * others their own.
 */
export function historyRoutes({ db }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/api/v1/history",
      {
        config: { role: "operator" },
        schema: {
          summary: "Get waiting, age, throughput, latency and batch size over time",
          querystring: Type.Object({
            range: RangeSchema,
            by: Type.Enum(["lane", "model"], { default: "lane" }),
            lane: Type.Optional(LaneSchema),
            model: Type.Optional(Type.String({ maxLength: 63 })),
          }),
          response: { 200: HistorySchema },
        },
      },
      async (request) => {
        const { tenant } = principalOf(request);
        const { range, ...query } = request.query;
        const { at, lines } = await readHistory(db, {
          ...query,
          ...RANGES[range],
          ...(tenant === HOME_TENANT ? {} : { tenant }),
        });
        return {
          stepSeconds: RANGES[range].stepMinutes * 60,
          at: at.map((one) => one.toISOString()),
          lines,
        };
      },
    );
  };
}
