import type { Dashboard } from "../panel.ts";
import { figure, lines, once, quantile, rate } from "../queries.ts";

const BACKFILL = 'lane="backfill"';

/** How far backfills are, how fast they go, and whether they hurt others. */
export const backfill: Dashboard = {
  uid: "axial-backfill",
  title: "Axial: backfill",
  panels: [
    figure("Backfills under way", "short", 'max(axial_backfills{state="running"})'),
    figure("Studies to go", "short", 'max(axial_backfill_items{state="waiting"})'),
    figure("Studies failed", "short", 'max(axial_backfill_items{state="failed"})'),
    figure("Tasks per minute", "opm", `60 * ${rate(`axial_tasks_ended_total{${BACKFILL}}`)}`),
    lines("Studies by state", "short", ["{{state}}", once("axial_backfill_items", "state")]),
    lines("Backfills by state", "short", ["{{state}}", once("axial_backfills", "state")]),
    lines("Tasks ended", "ops", [
      "{{outcome}}",
      rate(`axial_tasks_ended_total{${BACKFILL}}`, "by (outcome)"),
    ]),
    lines("Outstanding", "short", [
      "{{model}}",
      `${once(`axial_tasks_outstanding{${BACKFILL}}`, "model")} or vector(0)`,
    ]),
    lines("What a backfill does to others: p99 by lane", "s", [
      "{{lane}}",
      quantile(0.99, 'axial_task_stage_seconds_bucket{stage="total"}', "lane"),
    ]),
    lines("Is backfill let in", "short", ["open", `min(axial_admission_open{${BACKFILL}})`]),
  ],
};
