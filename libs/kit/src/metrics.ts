import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  openMetricsContentType,
  prometheusContentType,
  type Registry,
  type RegistryContentType,
} from "prom-client";
import { alarmMetrics } from "./alarm-metrics.ts";
import { qualityMetrics } from "./quality-metrics.ts";
import { ScrapedRegistry } from "./scraped-registry.ts";
import { StageSeconds } from "./stage-seconds.ts";

/** From a cached answer to an upload of an hour, in seconds. */
const HTTP_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];

/** prom-client's gauges whose names say that they are counters. */
const MISNAMED_GAUGES: Readonly<Record<string, string>> = {
  axial_nodejs_active_handles_total: "axial_nodejs_handles",
  axial_nodejs_active_requests_total: "axial_nodejs_requests",
  axial_nodejs_active_resources_total: "axial_nodejs_resources",
};

export type Metrics = ReturnType<typeof createMetrics>;

interface MetricsOptions {
  /** Exposes OpenMetrics instead of Prometheus' older text: it names traces beside figures. */
  readonly exemplars?: boolean;
}

/**
 * The metrics that dashboards and scaling stand on, in a registry of their own. Labels are bounded
 * sets: never an id, never text from a study.
 */
export function createMetrics(service: string, { exemplars = false }: MetricsOptions = {}) {
  const registry = exemplars
    ? withDefaults(new ScrapedRegistry(openMetricsContentType), service)
    : withDefaults(new ScrapedRegistry(prometheusContentType), service);
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter<Label>({ name, help, labelNames, registers: [registry] });
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge<Label>({ name, help, labelNames, registers: [registry] });
  return {
    registry,
    ...alarmMetrics(gauge, counter),
    quality: qualityMetrics(gauge),
    httpSeconds: new Histogram({
      name: "axial_http_request_seconds",
      help: "From a request's head to the end of its answer, by route template",
      labelNames: ["route", "method", "status"] as const,
      buckets: HTTP_BUCKETS,
      registers: [registry],
    }),
    instancesReceived: counter("axial_instances_received_total", "Instances durably stored"),
    instancesRejected: counter("axial_instances_rejected_total", "Instances refused at ingest", [
      "code",
    ]),
    tasksOutstanding: gauge("axial_tasks_outstanding", "Tasks not finished", ["lane", "model"]),
    outstandingDeviceSeconds: gauge(
      "axial_outstanding_device_seconds",
      "Seconds of device time that the unfinished tasks will take",
      ["lane", "model"],
    ),
    dependencyUp: gauge("axial_dependency_up", "1 when the last readiness probe of it passed", [
      "dependency",
    ]),
    controlLeader: gauge(
      "axial_control_leader",
      "1 in the gateway that plans and dispatches, 0 in those that stand by",
    ),
    stateAge: gauge("axial_state_age_seconds", "Age of the oldest row in each state", [
      "entity",
      "state",
    ]),
    taskStageSeconds: new StageSeconds({ registers: [registry], exemplars }),
    inferenceTotal: counter("axial_inference_total", "Images inferred", ["model", "provider"]),
    inferenceBatchesTotal: counter("axial_inference_batches_total", "Batches run", [
      "model",
      "provider",
    ]),
    batchLimitedBy: counter("axial_batch_limited_by_total", "Why a batch was not larger", [
      "model",
      "reason",
    ]),
    refusalsTotal: counter("axial_refusals_total", "Series or slices not classified", ["code"]),
    tasksWithdrawnTotal: counter(
      "axial_tasks_withdrawn_total",
      "Tasks that a worker dropped because they were withdrawn",
      ["lane"],
    ),
    taskFailuresTotal: counter("axial_task_failures_total", "Failed attempts", ["code"]),
    resultsTotal: counter("axial_results_total", "Predictions recorded", ["model", "label"]),
    sweptTotal: counter("axial_swept_total", "Things that retention removed", ["kind"]),
    sweptBytes: counter("axial_swept_bytes_total", "Bytes of blobs that were collected"),
    staleResultsTotal: counter("axial_stale_results_total", "Results of a superseded attempt"),
    outcomesForged: counter(
      "axial_outcomes_forged_total",
      "Messages of workers that no key of the pool signed",
    ),
    objectsMade: counter("axial_objects_made_total", "Reports and heat maps kept as DICOM objects"),
    deliveriesTotal: counter("axial_deliveries_total", "Attempts to deliver results", [
      "kind",
      "outcome",
    ]),
    ordersTotal: counter("axial_orders_total", "Messages of order feeds", ["outcome"]),
    pullsTotal: counter("axial_pulls_total", "Attempts to pull a study from a source", [
      "kind",
      "outcome",
    ]),
    deliveriesOpen: gauge("axial_deliveries", "Deliveries that are pending or dead", [
      "kind",
      "state",
    ]),
    deliverySeconds: new Histogram({
      name: "axial_delivery_seconds",
      help: "Seconds that an attempt to deliver took",
      labelNames: ["kind"] as const,
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120],
      registers: [registry],
    }),
    dimseAssociations: gauge("axial_dimse_associations", "DIMSE associations that are open"),
    requestsInFlight: gauge("axial_http_requests_in_flight", "Requests being received or answered"),
    engineLoopDelay: gauge(
      "axial_engine_event_loop_delay_seconds",
      "99th percentile of the delay of the engine's main thread",
    ),
    modelReloadsTotal: counter(
      "axial_model_reloads_total",
      "Reloads of model packages, by outcome: `served`, or the code of what prevented it",
      ["outcome"],
    ),
    modelsRefused: gauge(
      "axial_models_refused",
      "Packages that prevented the last reload; the previous ones are still served",
    ),
    engineRestartsTotal: counter("axial_engine_restarts_total", "Engine processes replaced", [
      "reason",
    ]),
  };
}

/** The registry with a label for the service, and with the figures of its process. */
function withDefaults<Format extends RegistryContentType>(
  registry: ScrapedRegistry<Format>,
  service: string,
): ScrapedRegistry<Format> {
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry, prefix: "axial_" });
  renameGauges(registry);
  return registry;
}

/** By convention only counters end in `_total`. */
function renameGauges(registry: Registry<RegistryContentType>): void {
  for (const [name, better] of Object.entries(MISNAMED_GAUGES)) {
    const gauge = registry.getSingleMetric(name);
    if (gauge === undefined) continue;
    registry.removeSingleMetric(name);
    registry.registerMetric(Object.assign(gauge, { name: better }));
  }
}
