import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Cluster } from "./cluster.ts";
import type { Installation } from "./installations.ts";

/** The namespace from which the network policies admit clients. */
export const GATEWAYS = "gateways";
const COMPOSE = fileURLToPath(new URL("../../../docker/config/haproxy.cfg", import.meta.url));
const MANIFEST = fileURLToPath(new URL("../../cluster/manifests/door.yaml", import.meta.url));
const DNS = "10.96.0.10";
/** A service's address changes with neither its pods nor its version: one server of each backend. */
const SERVERS = /server-template (\w+)- \d+ \1:(\d+)/g;

/** Opens a way into an installation: a pod that routes as compose's edge does. Resolves when it is ready. */
export async function openDoor(cluster: Cluster, { name, namespace }: Installation): Promise<void> {
  const routes = await readFile(COMPOSE, "utf8");
  const configuration = routes
    .replace("nameserver dns 127.0.0.11:53", `nameserver dns ${DNS}:53`)
    // The service's readiness is Kubernetes' to judge; it takes a pod out of the service itself.
    .replaceAll(/^ {4}option httpchk .*\n/gm, "")
    .replaceAll(/default-server check .*?(rise 1)/g, "default-server")
    .replaceAll(SERVERS, (_, service, port) => {
      const [target, at] = port === "11112" ? ["dimse", 11_112] : [service, 80];
      return `server ${service} ${name}-${target}.${namespace}.svc.cluster.local:${at}`;
    });
  const indented = configuration.replaceAll(/^/gm, "    ");
  const manifest = (await readFile(MANIFEST, "utf8"))
    .replace("$CONFIGURATION", () => indented)
    .replaceAll("$NAME", namespace);
  await cluster.apply(`{ apiVersion: v1, kind: Namespace, metadata: { name: ${GATEWAYS} } }`);
  await cluster.apply(manifest);
  const deployment = `deployment/door-${namespace}`;
  await cluster.kubectl("rollout", "status", deployment, "-n", GATEWAYS, "--timeout", "180s");
}

/** Of the pod that leads in, which is reached from this machine. */
export async function doorAddress(cluster: Cluster, { namespace }: Installation): Promise<string> {
  const selector = `app.kubernetes.io/name=door,app.kubernetes.io/instance=${namespace}`;
  const [pod] = await cluster.pods(GATEWAYS, selector);
  if (pod?.status.podIP === undefined) throw new Error("no door leads in");
  return pod.status.podIP;
}
