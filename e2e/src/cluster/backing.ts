import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { query } from "../chaos/audit/query.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";

/** Its pods carry the labels by which the network policies recognise them. */
export const BACKING = "backing";
const KIND_LOCAL = fileURLToPath(
  new URL("../../../deploy/k8s/overlays/kind-local/", import.meta.url),
);
const FILES = ["postgres.yaml", "redis.yaml", "blobs.yaml", "secrets.yaml"];
/** As kind-local's secrets have them. */
const PASSWORD = "local";

export type Server = "postgres" | "redis" | "blobs";

/**
 * Starts Postgres, Redis and an S3 server as kind-local has them, in a namespace of their own and on
 * the node that is not drained. Their own network policies are left out: they admit only pods of
 * their namespace.
 */
export async function startBacking(cluster: Cluster): Promise<void> {
  const objects: KubernetesObject[] = [];
  for (const file of FILES) {
    const text = await readFile(`${KIND_LOCAL}${file}`, "utf8");
    for (const document of parseAllDocuments(text)) objects.push(document.toJS());
  }
  const kept = objects.filter(({ kind }) => kind !== "NetworkPolicy").map(onFirstNode);
  await cluster.apply(`{ apiVersion: v1, kind: Namespace, metadata: { name: ${BACKING} } }`);
  const manifest = JSON.stringify({ apiVersion: "v1", kind: "List", items: kept });
  await cluster.apply(manifest, "--namespace", BACKING);
  for (const server of ["postgres", "redis", "blobs"] as const) await awaitServer(cluster, server);
}

function onFirstNode(object: KubernetesObject): unknown {
  if (object.kind !== "StatefulSet") return object;
  const spec = object.spec as { template: { spec: object } };
  const pod = { ...spec.template.spec, nodeSelector: { "kubernetes.io/hostname": "node-1" } };
  return { ...object, spec: { ...spec, template: { ...spec.template, spec: pod } } };
}

async function awaitServer(cluster: Cluster, server: Server): Promise<void> {
  const what = ["rollout", "status", `statefulset/${server}`, "--timeout", "300s"];
  await cluster.kubectl("--namespace", BACKING, ...what);
}

/** Takes a server away, or brings it back with what it had. */
export async function scaleServer(cluster: Cluster, server: Server, replicas: 0 | 1) {
  const what = ["scale", `statefulset/${server}`, "--replicas", String(replicas)];
  await cluster.kubectl("--namespace", BACKING, ...what);
  if (replicas === 1) await awaitServer(cluster, server);
}

/** A database's address, as this machine reaches it; for pods see `secretsFor`. */
export async function databaseUrl(cluster: Cluster, database: string): Promise<string> {
  const [pod] = await cluster.pods(BACKING, "axial.dev/backing=postgres");
  if (pod?.status.podIP === undefined) throw new Error("Postgres has no address");
  return `postgres://axial:${PASSWORD}@${pod.status.podIP}:5432/${database}`;
}

/** Creates the database unless it exists. */
export async function createDatabase(cluster: Cluster, database: string): Promise<void> {
  const url = await databaseUrl(cluster, "postgres");
  const found = await query(url, "SELECT 1 FROM pg_database WHERE datname = $1", [database]);
  if (found.length > 0) return;
  await query(url, `CREATE DATABASE "${database}"`);
}

/** Addresses of the servers for an installation of its own: a database, a Redis database, a prefix. */
export function addresses(installation: { readonly database: string; readonly queue: number }) {
  const { database, queue } = installation;
  const host = (server: Server) => `${server}.${BACKING}.svc`;
  return {
    database: (user: string, password: string) =>
      `postgres://${user}:${password}@${host("postgres")}/${database}`,
    queue: `redis://:${PASSWORD}@${host("redis")}:6379/${queue}`,
    blobs: `s3://axial/${database}?endpoint=http://${host("blobs")}:9000&region=us-east-1&pathStyle=true`,
    accessKeyId: "local",
    secretAccessKey: "local-secret",
  };
}
