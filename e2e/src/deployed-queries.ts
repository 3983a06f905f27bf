import { readdir, readFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";

const DASHBOARDS = new URL("../../deploy/grafana/dashboards/", import.meta.url);
const KEDA = new URL("../../deploy/k8s/components/keda/", import.meta.url);

/** A reader's choice of `All`, and the pods of services that stand alike. */
const PLACEHOLDER = /\$[a-z]+/g;

/** Every expression that Grafana's dashboards and KEDA's triggers ask Prometheus. */
export async function deployedQueries(): Promise<string[]> {
  return [...(await dashboardQueries()), ...(await triggerQueries())];
}

interface Dashboard {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
}

async function dashboardQueries(): Promise<string[]> {
  const files = await readdir(DASHBOARDS);
  const dashboards = await Promise.all(
    files.map(
      async (name): Promise<Dashboard> =>
        JSON.parse(await readFile(new URL(name, DASHBOARDS), "utf8")),
    ),
  );
  return dashboards
    .flatMap(({ panels }) => panels.flatMap(({ targets }) => targets))
    .map(({ expr }) => expr.replaceAll(PLACEHOLDER, ".*"));
}

interface ScaledObject {
  readonly spec?: {
    readonly triggers?: readonly { readonly metadata?: { readonly query?: string } }[];
  };
}

/** All pods of a test's Prometheus are called as the gateway's. */
async function triggerQueries(): Promise<string[]> {
  const files = (await readdir(KEDA)).filter((name) => name.endsWith(".yaml"));
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, KEDA), "utf8")));
  return texts
    .flatMap((text) => parseAllDocuments(text).map((one) => one.toJS() as ScaledObject))
    .flatMap(({ spec }) => spec?.triggers ?? [])
    .flatMap(({ metadata }) => metadata?.query ?? [])
    .map((query) => query.replace("axial-archive-", "axial-gateway-"));
}
