import type { Dashboard } from "../panel.ts";
import { lines, once, rate } from "../queries.ts";

/** Waiting and running work and full quotas, each for the twenty tenants that have most. */
export const tenants: Dashboard = {
  uid: "axial-tenants",
  title: "Axial: tenants",
  labels: ["tenant"],
  panels: [
    lines("Waiting tasks", "short", [
      "{{tenant}}",
      once('axial_tenant_tasks{state="waiting",tenant=~"$tenant"}', "tenant"),
    ]),
    lines("Running tasks", "short", [
      "{{tenant}}",
      once('axial_tenant_tasks{state="running",tenant=~"$tenant"}', "tenant"),
    ]),
    lines("Results of the last minute", "short", [
      "{{tenant}}",
      once('axial_tenant_tasks{state="done",tenant=~"$tenant"}', "tenant"),
    ]),
    lines("Quotas", "percentunit", [
      "{{tenant}} {{quota}}",
      `${once('axial_quota_level{tenant=~"$tenant"}', "tenant, quota")} or vector(0)`,
    ]),
    lines("Refused beyond a quota", "ops", [
      "{{quota}}",
      rate("axial_quota_refused_total", "by (quota)"),
    ]),
    lines("Removed by retention", "ops", ["{{kind}}", rate("axial_swept_total", "by (kind)")]),
  ],
};
