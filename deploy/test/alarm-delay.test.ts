import { readFileSync } from "node:fs";
import { WORKER_SILENT_SECONDS } from "@axial/store/views";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

/** What the issue of alarms is held to: from the fault to the page. */
const PAGES_WITHIN_SECONDS = 120;
/** Alertmanager collects what fires together before it pages, by default. */
const GROUP_WAIT_SECONDS = 30;
/** A scrape of a queue that does not answer ends with its probe (libs/kit/src/http/probe-rounds.ts). */
const PROBE_SECONDS = 2;

const read = (name: string) => parse(readFileSync(new URL(`../${name}`, import.meta.url), "utf8"));

interface Rules {
  readonly groups: readonly {
    readonly interval?: string;
    readonly rules: readonly { readonly alert?: string; readonly for?: string }[];
  }[];
}
interface Configuration {
  readonly global: { readonly scrape_interval: string; readonly evaluation_interval: string };
}
interface Monitor {
  readonly spec: Readonly<Record<string, readonly { readonly interval?: string }[] | undefined>>;
}

const { global } = read("prometheus/prometheus.yml") as Configuration;
const monitor = read("k8s/components/monitoring/pod-monitor.yaml") as Monitor;
const chart = read("helm/axial/values.yaml") as { monitoring: { interval: string } };
const rules = read("prometheus/alerts.yaml") as Rules;

function seconds(duration: string | undefined): number {
  const [, amount, unit] = /^(\d+)(s|m|h)$/.exec(duration ?? "") ?? [];
  if (amount === undefined) throw new RangeError(`no duration: ${duration}`);
  return Number(amount) * { s: 1, m: 60, h: 3_600 }[unit as "s" | "m" | "h"];
}

/** The slowest scrape of what this repository ships, in seconds. */
const SCRAPE_SECONDS = Math.max(
  ...[global.scrape_interval, chart.monitoring.interval].map(seconds),
  ...(monitor.spec.podMetricsEndpoints ?? []).map(({ interval }) => seconds(interval)),
);

/** From the fault's being visible to a firing alert: a scrape, an evaluation, and the rule's time. */
function delayOf(alert: string): number {
  const group = rules.groups.find((one) => one.rules.some((rule) => rule.alert === alert));
  const rule = group?.rules.find((one) => one.alert === alert);
  if (group === undefined || rule === undefined) throw new RangeError(`no alert ${alert}`);
  const evaluation = seconds(group.interval ?? global.evaluation_interval);
  // It fires at an evaluation: the time is rounded up to one.
  const pending = Math.ceil(seconds(rule.for) / evaluation) * evaluation;
  return SCRAPE_SECONDS + evaluation + pending;
}

describe("a page reaches its reader within two minutes", () => {
  it("when all workers have stopped", () => {
    const total = WORKER_SILENT_SECONDS + delayOf("AxialLaneWithoutWorkers") + GROUP_WAIT_SECONDS;
    expect(total).toBeLessThanOrEqual(PAGES_WITHIN_SECONDS);
  });

  it.each(["AxialQueueRefusesWrites", "AxialQueueFull", "AxialQueueEvicts"])(
    "when Redis is READONLY, full or evicts: %s",
    (alert) => {
      const total = PROBE_SECONDS + delayOf(alert) + GROUP_WAIT_SECONDS;
      expect(total).toBeLessThanOrEqual(PAGES_WITHIN_SECONDS);
    },
  );

  it("evaluates as often under the Prometheus operator, whose own default is 30 s", () => {
    const axial = rules.groups.find(({ rules: all }) =>
      all.some(({ alert }) => alert === "AxialLaneWithoutWorkers"),
    );
    expect(seconds(axial?.interval)).toBeLessThanOrEqual(15);
  });
});
