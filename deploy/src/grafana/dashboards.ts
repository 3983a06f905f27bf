import type { Dashboard, Panel } from "./panel.ts";

const rate = (metric: string, labels = "") => `sum ${labels} (rate(${metric}[5m]))`;
const quantile = (q: number, filter: string, by: string) =>
  `histogram_quantile(${q}, sum by (le, ${by}) (rate(axial_task_stage_seconds_bucket{${filter}}[5m])))`;
const stat = (title: string, unit: string, expression: string): Panel => ({
  title,
  unit,
  queries: [["", expression]],
  kind: "stat",
  width: 6,
});

/** An operator's first questions: is work coming in, is it waiting, are answers going out. */
const overview: Dashboard = {
  uid: "axial-overview",
  title: "Axial: overview",
  panels: [
    stat("Instances received per second", "reqps", rate("axial_instances_received_total")),
    stat("Tasks outstanding", "short", "sum(max by (lane, model) (axial_tasks_outstanding))"),
    stat("Predictions per second", "ops", rate("axial_results_total")),
    stat(
      "Oldest task that waits",
      "s",
      'max(axial_state_age_seconds{entity="task",state="pending"})',
    ),
    {
      title: "Outstanding by lane",
      unit: "short",
      queries: [["{{lane}}", "sum by (lane) (max by (lane, model) (axial_tasks_outstanding))"]],
    },
    {
      title: "Outstanding, as seconds of one device",
      unit: "s",
      queries: [
        ["{{lane}}", "sum by (lane) (max by (lane, model) (axial_outstanding_device_seconds))"],
      ],
    },
    {
      title: "Age of the oldest in each state",
      unit: "s",
      queries: [["{{entity}} {{state}}", "max by (entity, state) (axial_state_age_seconds)"]],
    },
    {
      title: "From dispatch to record, by lane",
      unit: "s",
      queries: [
        ["p50 {{lane}}", quantile(0.5, 'stage="total"', "lane")],
        ["p99 {{lane}}", quantile(0.99, 'stage="total"', "lane")],
      ],
    },
    {
      title: "p99 of each stage",
      unit: "s",
      queries: [["{{stage}}", quantile(0.99, 'stage!="total"', "stage")]],
    },
    {
      title: "Predictions by model",
      unit: "ops",
      queries: [["{{model}}", rate("axial_results_total", "by (model)")]],
    },
    {
      title: "Refusals by code",
      unit: "ops",
      queries: [["{{code}}", rate("axial_refusals_total", "by (code)")]],
    },
    {
      title: "Failed attempts by code",
      unit: "ops",
      queries: [["{{code}}", rate("axial_task_failures_total", "by (code)")]],
    },
    {
      title: "Refused at the door, by code",
      unit: "ops",
      queries: [["{{code}}", rate("axial_instances_rejected_total", "by (code)")]],
    },
  ],
};

/** How well the devices are used, and what the processes cost. */
const workers: Dashboard = {
  uid: "axial-workers",
  title: "Axial: workers",
  panels: [
    {
      title: "Images per second, by model and provider",
      unit: "ops",
      queries: [["{{model}} {{provider}}", rate("axial_inference_total", "by (model, provider)")]],
    },
    {
      title: "Mean batch",
      unit: "short",
      queries: [
        [
          "{{model}} {{provider}}",
          `${rate("axial_inference_total", "by (model, provider)")} / ${rate("axial_inference_batches_total", "by (model, provider)")}`,
        ],
      ],
    },
    {
      title: "Why batches were not larger",
      unit: "ops",
      queries: [
        ["{{model}} {{reason}}", rate("axial_batch_limited_by_total", "by (model, reason)")],
      ],
    },
    {
      title: "p50 of each stage, by model",
      unit: "s",
      queries: [["{{model}} {{stage}}", quantile(0.5, 'stage!="total"', "model, stage")]],
    },
    {
      title: "Engine event loop, p99 of its delay",
      unit: "s",
      queries: [["{{instance}}", "axial_engine_event_loop_delay_seconds"]],
    },
    {
      title: "Engines replaced",
      unit: "short",
      queries: [["{{instance}} {{reason}}", "increase(axial_engine_restarts_total[15m])"]],
    },
    {
      title: "Results of superseded attempts",
      unit: "ops",
      queries: [["stale", rate("axial_stale_results_total")]],
    },
    {
      title: "Processor, cores",
      unit: "short",
      queries: [["{{service}} {{instance}}", "rate(axial_process_cpu_seconds_total[5m])"]],
    },
    {
      title: "Resident memory",
      unit: "bytes",
      queries: [["{{service}} {{instance}}", "axial_process_resident_memory_bytes"]],
    },
    {
      title: "Event loop, p99 of its lag",
      unit: "s",
      queries: [["{{service}} {{instance}}", "axial_nodejs_eventloop_lag_p99_seconds"]],
    },
    {
      title: "HTTP requests in flight",
      unit: "short",
      queries: [["{{service}}", "sum by (service) (axial_http_requests_in_flight)"]],
    },
    {
      title: "Packages not served",
      unit: "short",
      queries: [["{{instance}}", "axial_models_refused"]],
    },
  ],
};

export const DASHBOARDS: Readonly<Record<string, Dashboard>> = { overview, workers };
