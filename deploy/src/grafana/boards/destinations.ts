import type { Dashboard } from "../panel.ts";
import { figure, lines, once, quantile, rate } from "../queries.ts";

const KIND = '{kind=~"$kind"}';

/** Whether results arrive where they are wanted. */
export const destinations: Dashboard = {
  uid: "axial-destinations",
  title: "Axial: destinations",
  labels: ["kind"],
  panels: [
    figure("Pending", "short", 'sum(max by (kind) (axial_deliveries{state="pending"}))'),
    figure("Dead", "short", 'sum(max by (kind) (axial_deliveries{state="dead"}))'),
    figure(
      "Delivered per minute",
      "opm",
      `60 * ${rate('axial_deliveries_total{outcome="delivered"}')}`,
    ),
    figure("Objects made per minute", "opm", `60 * ${rate("axial_objects_made_total")}`),
    lines("Attempts by outcome", "ops", [
      "{{kind}} {{outcome}}",
      rate(`axial_deliveries_total${KIND}`, "by (kind, outcome)"),
    ]),
    lines("Open", "short", ["{{kind}} {{state}}", once(`axial_deliveries${KIND}`, "kind, state")]),
    lines(
      "How long an attempt takes",
      "s",
      ["p50 {{kind}}", quantile(0.5, `axial_delivery_seconds_bucket${KIND}`, "kind")],
      ["p99 {{kind}}", quantile(0.99, `axial_delivery_seconds_bucket${KIND}`, "kind")],
    ),
    lines("Refused or unreachable", "ops", [
      "{{kind}} {{outcome}}",
      rate('axial_deliveries_total{kind=~"$kind",outcome=~"retry|dead"}', "by (kind, outcome)"),
    ]),
  ],
};
