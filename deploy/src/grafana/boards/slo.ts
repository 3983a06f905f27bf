import type { Dashboard } from "../panel.ts";
import { figure, lines, quantile } from "../queries.ts";

/** What is promised, and how much of it is left: the rules are those of the alerts. */
export const slo: Dashboard = {
  uid: "axial-slo",
  title: "Axial: objectives",
  panels: [
    figure(
      "STAT within a minute, last 6 hours (99 %)",
      "percentunit",
      "1 - axial:stat_late:ratio_rate6h",
    ),
    figure(
      "Uploads accepted, last 6 hours (99.9 %)",
      "percentunit",
      "1 - axial:ingest_failed:ratio_rate6h",
    ),
    figure("STAT allowance burns, times", "short", "axial:stat_late:ratio_rate1h / 0.01"),
    figure("Ingest allowance burns, times", "short", "axial:ingest_failed:ratio_rate1h / 0.001"),
    lines(
      "STAT answers later than a minute",
      "percentunit",
      ["5 min", "axial:stat_late:ratio_rate5m"],
      ["1 h", "axial:stat_late:ratio_rate1h"],
      ["6 h", "axial:stat_late:ratio_rate6h"],
    ),
    lines(
      "Uploads that fail",
      "percentunit",
      ["5 min", "axial:ingest_failed:ratio_rate5m"],
      ["1 h", "axial:ingest_failed:ratio_rate1h"],
      ["6 h", "axial:ingest_failed:ratio_rate6h"],
    ),
    lines("STAT, p99 of each stage", "s", [
      "{{stage}}",
      quantile(0.99, 'axial_task_stage_seconds_bucket{lane="stat"}', "stage"),
    ]),
    lines("Uploads by status", "reqps", ["{{status}}", "axial:ingest:rate5m"]),
  ],
};
