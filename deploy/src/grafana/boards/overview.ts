import type { Dashboard } from "../panel.ts";
import { figure, lines, once, quantile, rate } from "../queries.ts";

const STAGES = "axial_task_stage_seconds_bucket";

/** An operator's first questions: is work coming in, is it waiting, are answers going out. */
export const overview: Dashboard = {
  uid: "axial-overview",
  title: "Axial: overview",
  labels: ["lane"],
  panels: [
    figure("Instances received per second", "reqps", rate("axial_instances_received_total")),
    figure("Tasks outstanding", "short", `sum(${once("axial_tasks_outstanding", "lane, model")})`),
    figure("Predictions per second", "ops", rate("axial_results_total")),
    figure("Oldest task that waits", "s", "max(axial_oldest_waiting_seconds)"),
    figure("Live workers", "short", `max(${once("axial_lane_workers", "lane")})`),
    figure("Dead letters", "short", `sum(${once("axial_dead_letters", "code")}) or vector(0)`),
    figure("Dependencies down", "short", "count(axial_dependency_up == 0) or vector(0)"),
    figure("Alarms", "short", 'count(ALERTS{alertstate="firing"}) or vector(0)'),
    lines("Outstanding by lane", "short", [
      "{{lane}}",
      `sum by (lane) (${once('axial_tasks_outstanding{lane=~"$lane"}', "lane, model")})`,
    ]),
    lines(
      "From dispatch to record, by lane",
      "s",
      ["p50 {{lane}}", quantile(0.5, `${STAGES}{stage="total",lane=~"$lane"}`, "lane")],
      ["p99 {{lane}}", quantile(0.99, `${STAGES}{stage="total",lane=~"$lane"}`, "lane")],
    ),
    lines("p99 of each stage", "s", [
      "{{stage}}",
      quantile(0.99, `${STAGES}{stage!="total",lane=~"$lane"}`, "stage"),
    ]),
    lines("Predictions by model", "ops", ["{{model}}", rate("axial_results_total", "by (model)")]),
    lines("Refusals by code", "ops", ["{{code}}", rate("axial_refusals_total", "by (code)")]),
    lines("Failed attempts by code", "ops", [
      "{{code}}",
      rate("axial_task_failures_total", "by (code)"),
    ]),
    lines("Age of the oldest in each state", "s", [
      "{{entity}} {{state}}",
      once("axial_state_age_seconds", "entity, state"),
    ]),
    lines("Clock, against PostgreSQL's", "s", [
      "{{process}} {{instance}}",
      once("axial_clock_skew_seconds", "process, instance"),
    ]),
    lines("Last backup, hours ago", "h", [
      "backup",
      "(time() - max(axial_last_backup_timestamp_seconds)) / 3600",
    ]),
  ],
};
