import { Histogram, type MetricConfiguration } from "prom-client";
import { exemplarOf } from "./tracing/trace-parent.ts";

/** From a cached 2 ms answer to a backfill that waited an hour, in seconds. */
const STAGE_BUCKETS = [
  0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600,
];

type StageLabel = "stage" | "model" | "lane";
type Registers = NonNullable<MetricConfiguration<StageLabel>["registers"]>;

interface StageSecondsOptions {
  readonly registers: Registers;
  /** The registries are OpenMetrics: buckets name the trace of their last task. */
  readonly exemplars: boolean;
}

/** `axial_task_stage_seconds`. */
export class StageSeconds extends Histogram<StageLabel> {
  readonly #exemplars: boolean;

  constructor({ registers, exemplars }: StageSecondsOptions) {
    super({
      name: "axial_task_stage_seconds",
      help: "Seconds that a task spent in each stage",
      labelNames: ["stage", "model", "lane"],
      buckets: STAGE_BUCKETS,
      registers,
      enableExemplars: exemplars,
    });
    this.#exemplars = exemplars;
  }

  /** Adds a figure that was measured in a trace; null without one. */
  add(
    labels: Readonly<Record<StageLabel, string>>,
    value: number,
    traceParent: string | null | undefined,
  ): void {
    if (!this.#exemplars) this.observe(labels, value);
    else this.observe({ labels, value, exemplarLabels: exemplarOf(traceParent) });
  }
}
