import type { Dashboard } from "../panel.ts";
import { lines, once, quantile, rate } from "../queries.ts";

const MODEL = 'model=~"$model"';
const BY = "by (model, provider)";

/** How well the devices are used, and what the processes cost. */
export const workers: Dashboard = {
  uid: "axial-workers",
  title: "Axial: workers and GPU",
  labels: ["model", "pool"],
  panels: [
    lines("Images per second", "ops", [
      "{{model}} {{provider}}",
      rate(`axial_inference_total{${MODEL}}`, BY),
    ]),
    lines("Mean batch", "short", [
      "{{model}} {{provider}}",
      `${rate(`axial_inference_total{${MODEL}}`, BY)} / ${rate(`axial_inference_batches_total{${MODEL}}`, BY)}`,
    ]),
    lines("Why batches were not larger", "ops", [
      "{{model}} {{reason}}",
      rate(`axial_batch_limited_by_total{${MODEL}}`, "by (model, reason)"),
    ]),
    lines("p50 of each stage, by model", "s", [
      "{{model}} {{stage}}",
      quantile(0.5, `axial_task_stage_seconds_bucket{stage!="total",${MODEL}}`, "model, stage"),
    ]),
    lines("Live workers by pool", "short", [
      "{{pool}}",
      once('axial_pool_workers{pool=~"$pool"}', "pool"),
    ]),
    lines("Engines replaced", "short", [
      "{{instance}} {{reason}}",
      "increase(axial_engine_restarts_total[15m])",
    ]),
    lines("Engine event loop, p99 of its delay", "s", [
      "{{instance}}",
      "axial_engine_event_loop_delay_seconds",
    ]),
    lines("Packages not served", "short", ["{{instance}}", "axial_models_refused"]),
    lines("Models reloaded", "short", [
      "{{outcome}}",
      "sum by (outcome) (increase(axial_model_reloads_total[1h]))",
    ]),
    lines("GPU: busy", "percentunit", ["{{instance}} {{gpu}}", "axial_gpu_utilization_ratio"]),
    lines(
      "GPU: memory",
      "bytes",
      ["used {{instance}} {{gpu}}", "axial_gpu_memory_used_bytes"],
      ["all {{instance}} {{gpu}}", "axial_gpu_memory_bytes"],
    ),
    lines("GPU: temperature", "celsius", ["{{instance}} {{gpu}}", "axial_gpu_temperature_celsius"]),
    lines("GPU: power", "watt", ["{{instance}} {{gpu}}", "axial_gpu_power_watts"]),
    lines("GPU: Xid errors", "short", [
      "{{instance}} {{gpu}} Xid {{xid}}",
      "increase(axial_gpu_xid_errors_total[1h])",
    ]),
    lines("GPU by DCGM: busy", "percent", ["{{Hostname}} {{gpu}}", "DCGM_FI_DEV_GPU_UTIL"]),
    lines("GPU by DCGM: memory, MiB", "short", ["{{Hostname}} {{gpu}}", "DCGM_FI_DEV_FB_USED"]),
    lines("GPU by DCGM: temperature", "celsius", ["{{Hostname}} {{gpu}}", "DCGM_FI_DEV_GPU_TEMP"]),
    lines("GPU by DCGM: last Xid error", "short", [
      "{{Hostname}} {{gpu}}",
      "DCGM_FI_DEV_XID_ERRORS",
    ]),
    lines("Processor, cores", "short", [
      "{{instance}}",
      "rate(axial_process_cpu_seconds_total[5m])",
    ]),
    lines("Resident memory", "bytes", ["{{instance}}", "axial_process_resident_memory_bytes"]),
    lines("Event loop, p99 of its lag", "s", [
      "{{instance}}",
      "axial_nodejs_eventloop_lag_p99_seconds",
    ]),
  ],
};
