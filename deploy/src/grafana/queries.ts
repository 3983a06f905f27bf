import type { Panel } from "./panel.ts";

/** Sum of a counter's rate, as `by (…)` says. */
export const rate = (metric: string, by = "") => `sum ${by} (rate(${metric}[5m]))`;

/** A quantile of a histogram's buckets, by the labels of `by`. */
export const quantile = (q: number, histogram: string, by: string) =>
  `histogram_quantile(${q}, sum by (${["le", by].filter(Boolean).join(", ")}) (rate(${histogram}[5m])))`;

/** A figure that every replica of a service reports alike: the largest, never the sum. */
export const once = (metric: string, by: string) => `max by (${by}) (${metric})`;

/** A number by itself. */
export const figure = (title: string, unit: string, expression: string): Panel => ({
  title,
  unit,
  queries: [["", expression]],
  kind: "stat",
  width: 6,
});

/** Lines over time, one for each value of the labels that the legend names. */
export const lines = (
  title: string,
  unit: string,
  ...queries: readonly (readonly [legend: string, expression: string])[]
): Panel => ({ title, unit, queries });
