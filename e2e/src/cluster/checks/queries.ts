import { eventually } from "@axial/testkit";
import { checkMonitoring } from "../../docker/monitoring.ts";
import { Prometheus } from "../../docker/prometheus.ts";
import { assertNone, type Check, type Scene } from "../check.ts";
import { CHARTED } from "../installations.ts";

const MEASURED_WITHIN_MS = 180_000;
/** prometheus-adapter's queries for the HPAs, as deploy/k8s/components/hpa asks it to make them. */
const HPA_QUERIES = [
  `sum(axial_http_requests_in_flight{namespace="${CHARTED.namespace}",pod=~"axial-gateway-.*"}) by (pod)`,
  `sum(max(axial_outstanding_device_seconds{namespace="${CHARTED.namespace}",lane="stat"}) by (lane, model))`,
];

/** Values of the autoscalers' queries, on the labels that the monitors make. */
export const queries: Check = {
  name: "queries",
  point: "scaling",
  shows:
    "with the labels that ServiceMonitor and PodMonitor make: KEDA's and the HPAs' queries have values; every panel and rule asks for what exists",
  run: async (scene) => {
    const { cluster } = scene;
    const [pod] = await cluster.pods("monitoring", "app.kubernetes.io/name=prometheus");
    const prometheus = new Prometheus(`${pod?.status.podIP}:9090`);
    await eventually(
      "every component is scraped",
      async () => (await scraped(prometheus)).length >= 5,
      MEASURED_WITHIN_MS,
    ).catch(async () => {
      throw new Error(`scraped are only ${(await scraped(prometheus)).join(", ")}`);
    });
    const empty: string[] = [];
    for (const query of HPA_QUERIES) {
      if ((await prometheus.query(query)).length === 0) empty.push(`${query} has no value`);
    }
    assertNone("the HPAs' queries", empty);
    const values = await kedaValues(scene);
    const { queries: panels, rules, problems, empty: silent } = await checkMonitoring(prometheus);
    assertNone("monitoring", problems);
    return `KEDA's triggers read ${values.join(", ")}; ${panels} panels' queries, ${rules} rules; no data as yet: ${silent.join("; ") || "none"}`;
  },
};

async function scraped(prometheus: Prometheus): Promise<string[]> {
  const up = await prometheus.query(`up{namespace="${CHARTED.namespace}"} == 1`);
  return [...new Set(up.map(({ metric }) => metric.container ?? ""))];
}

interface ScaledObject {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly externalMetricNames?: readonly string[] };
}

/** What KEDA's adapter serves for every trigger; throws where one has no value. */
async function kedaValues({ cluster }: Scene): Promise<string[]> {
  const { namespace } = CHARTED;
  const objects = await cluster.get<ScaledObject[]>("scaledobjects", "--namespace", namespace);
  const values: string[] = [];
  for (const { metadata, status } of objects) {
    for (const metric of status?.externalMetricNames ?? []) {
      const path = `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}/${metric}`;
      const selector = `labelSelector=scaledobject.keda.sh%2Fname%3D${metadata.name}`;
      const answer = JSON.parse(await cluster.kubectl("get", "--raw", `${path}?${selector}`));
      const value = answer.items?.[0]?.value;
      if (value === undefined) throw new Error(`${metadata.name}: ${metric} has no value`);
      values.push(`${metadata.name} ${value}`);
    }
  }
  if (values.length === 0) throw new Error("no ScaledObject has a trigger with a value");
  return values;
}
