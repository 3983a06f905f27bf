import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tether } from "@axial/local-postgres";
import { eventually, freePort } from "@axial/testkit";
import { Prometheus } from "./docker/prometheus.ts";

const RULES = fileURLToPath(new URL("../../deploy/prometheus/alerts.yaml", import.meta.url));
const READY_WITHIN_MS = 170_000;

interface PrometheusServer {
  readonly api: Prometheus;
  stop(): Promise<void>;
}

/**
 * A Prometheus of its own with the rules of the repository, which scrapes `urls` and evaluates every
 * second, and waits two seconds where a rule says longer: only time is shortened.
 */
export async function startPrometheus(urls: readonly string[]): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), "axial-prometheus-"));
  const rules = (await readFile(RULES, "utf8"))
    .replaceAll(/^( +)for: .*$/gm, "$1for: 2s")
    .replaceAll(/^( +)interval: .*$/gm, "$1interval: 1s");
  await writeFile(join(folder, "alerts.yaml"), rules);
  await writeFile(join(folder, "prometheus.yml"), configuration(urls));
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    "prometheus",
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`,
    ],
    { stdio: "ignore" },
  );
  tether(child);
  await eventually("Prometheus is ready", () => isReady(address), READY_WITHIN_MS);
  return {
    api: new Prometheus(address),
    stop: async () => {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function isReady(address: string): Promise<boolean> {
  return (await fetch(`http://${address}/-/ready`).catch(() => null))?.ok ?? false;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill();
  await ended;
}

/**
 * The labels that the Prometheus operator gives to what a ServiceMonitor finds: ours of the same name,
 * `service`, becomes `exported_service`. Pods are called as those of the gateway.
 */
const AS_IN_KUBERNETES = {
  honor_labels: false,
  relabel_configs: Object.entries({
    namespace: "axial",
    service: "axial-gateway",
    pod: "axial-gateway-7d9f-x2x",
    container: "axial",
    endpoint: "http",
  }).map(([target_label, replacement]) => ({ target_label, replacement })),
};

/** JSON is YAML. */
function configuration(urls: readonly string[]): string {
  const targets = urls.map((url) => new URL(url).host);
  return JSON.stringify({
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: ["alerts.yaml"],
    scrape_configs: [{ job_name: "axial", static_configs: [{ targets }], ...AS_IN_KUBERNETES }],
  });
}
