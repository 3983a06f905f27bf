import type { Dashboard } from "../panel.ts";
import { figure, lines, once, quantile, rate } from "../queries.ts";

const HTTP = "axial_http_request_seconds";
const STORES = 'method="POST",route=~"(/lanes/:lane)?/dicom-web/studies(/:study)?|/api/v1/images"';

/** What comes in at the door, by which way, and what is turned away. */
export const ingest: Dashboard = {
  uid: "axial-ingest",
  title: "Axial: ingest",
  labels: ["lane"],
  panels: [
    figure("Instances per second", "reqps", rate("axial_instances_received_total")),
    figure("Requests in flight", "short", "sum(axial_http_requests_in_flight)"),
    figure("DIMSE associations", "short", "sum(axial_dimse_associations)"),
    figure("Fullest limit", "percentunit", "max(axial_admission_level)"),
    lines("Stores by status", "reqps", [
      "{{status}}",
      rate(`${HTTP}_count{${STORES}}`, "by (status)"),
    ]),
    lines(
      "How long a store takes",
      "s",
      ["p50", quantile(0.5, `${HTTP}_bucket{${STORES}}`, "")],
      ["p99", quantile(0.99, `${HTTP}_bucket{${STORES}}`, "")],
    ),
    lines("Refused at the door, by code", "ops", [
      "{{code}}",
      rate("axial_instances_rejected_total", "by (code)"),
    ]),
    lines("Limits", "percentunit", ["{{limit}}", once("axial_admission_level", "limit")]),
    lines("Lanes that are open", "short", [
      "{{lane}}",
      `min by (lane) (axial_admission_open{lane=~"$lane"})`,
    ]),
    lines("Turned away as too busy", "ops", [
      "{{lane}}",
      rate('axial_admission_refused_total{lane=~"$lane"}', "by (lane)"),
    ]),
    lines("Requests by route", "reqps", [
      "{{method}} {{route}}",
      rate(`${HTTP}_count`, "by (method, route)"),
    ]),
    lines("p99 by route", "s", [
      "{{method}} {{route}}",
      quantile(0.99, `${HTTP}_bucket`, "method, route"),
    ]),
    lines("Answers of 5xx", "reqps", [
      "{{route}} {{status}}",
      `${rate(`${HTTP}_count{status=~"5.."}`, "by (route, status)")} or vector(0)`,
    ]),
    lines("Studies pulled", "ops", [
      "{{kind}} {{outcome}}",
      rate("axial_pulls_total", "by (kind, outcome)"),
    ]),
    lines("Order messages", "ops", ["{{outcome}}", rate("axial_orders_total", "by (outcome)")]),
    lines("Free on volumes", "bytes", ["{{volume}}", "min by (volume) (axial_disk_free_bytes)"]),
    lines(
      "Database",
      "bytes",
      ["size", "max(axial_database_bytes)"],
      ["limit", "max(axial_database_limit_bytes)"],
    ),
  ],
};
