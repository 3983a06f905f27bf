import type { Dashboard } from "../panel.ts";
import { figure, lines, once, quantile, rate } from "../queries.ts";

const LANE = '{lane=~"$lane"}';

/** What waits, for how long, and whether the queue itself is well. */
export const queue: Dashboard = {
  uid: "axial-queue",
  title: "Axial: queue and lanes",
  labels: ["lane"],
  panels: [
    figure("Queue takes writes", "short", "min(axial_queue_writable)"),
    figure("Queue may drop jobs", "short", "max(axial_queue_evicts)"),
    figure("Dead letters", "short", `sum(${once("axial_dead_letters", "code")}) or vector(0)`),
    figure("A gateway leads", "short", "sum(axial_control_leader)"),
    lines("Oldest task that waits", "s", [
      "{{lane}}",
      once(`axial_oldest_waiting_seconds${LANE}`, "lane"),
    ]),
    lines("Outstanding by lane and model", "short", [
      "{{lane}} {{model}}",
      once(`axial_tasks_outstanding${LANE}`, "lane, model"),
    ]),
    lines("Outstanding, as seconds of one device", "s", [
      "{{lane}}",
      `sum by (lane) (${once(`axial_outstanding_device_seconds${LANE}`, "lane, model")})`,
    ]),
    lines("Live workers", "short", ["{{lane}}", once(`axial_lane_workers${LANE}`, "lane")]),
    lines("Jobs that they hold", "short", ["{{lane}}", once(`axial_lane_capacity${LANE}`, "lane")]),
    lines("Ended, by outcome", "ops", [
      "{{lane}} {{outcome}}",
      rate(`axial_tasks_ended_total${LANE}`, "by (lane, outcome)"),
    ]),
    lines(
      "Wait on the queue",
      "s",
      [
        "p50 {{lane}}",
        quantile(0.5, 'axial_task_stage_seconds_bucket{stage="wait",lane=~"$lane"}', "lane"),
      ],
      [
        "p99 {{lane}}",
        quantile(0.99, 'axial_task_stage_seconds_bucket{stage="wait",lane=~"$lane"}', "lane"),
      ],
    ),
    lines("Withdrawn from workers", "ops", [
      "{{lane}}",
      rate(`axial_tasks_withdrawn_total${LANE}`, "by (lane)"),
    ]),
    lines("Results of superseded attempts", "ops", ["stale", rate("axial_stale_results_total")]),
    lines("Outcomes without a signature", "ops", ["forged", rate("axial_outcomes_forged_total")]),
    lines("Dead letters by code", "short", [
      "{{code}}",
      `${once("axial_dead_letters", "code")} or vector(0)`,
    ]),
    lines(
      "Memory of Redis (none with PostgreSQL as the queue)",
      "bytes",
      ["used", "max(axial_queue_memory_bytes)"],
      ["limit", "max(axial_queue_memory_limit_bytes)"],
    ),
  ],
};
