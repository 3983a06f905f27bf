import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { query } from "../chaos/audit/query.ts";
import { addresses, createDatabase, databaseUrl } from "./backing.ts";
import type { Cluster } from "./cluster.ts";
import { openDoor } from "./door.ts";
import type { Installation } from "./installations.ts";

const ROLES = new URL("../../../deploy/postgres/roles.sql", import.meta.url);
const VALUES = fileURLToPath(new URL("../../cluster/values.yaml", import.meta.url));
const CHART = fileURLToPath(new URL("../../../deploy/helm/axial", import.meta.url));
const SECRET_BYTES = 24;
/** Workers load their models while every core is busy. */
const READY_WITHIN = "600s";

const databaseOf = ({ namespace }: Installation) => namespace.replaceAll("-", "_");

/** The database of an installation, as this machine reaches it. */
export function databaseOfInstallation(cluster: Cluster, installation: Installation) {
  return databaseUrl(cluster, databaseOf(installation));
}

/**
 * Makes the namespace under the Pod Security standard `restricted`, the database with the three roles of
 * deploy/postgres/roles.sql, and the secrets; does nothing where they are there.
 */
export async function prepare(cluster: Cluster, installation: Installation): Promise<void> {
  const { namespace, queue } = installation;
  await cluster.apply(
    JSON.stringify({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: namespace,
        labels: { "pod-security.kubernetes.io/enforce": "restricted" },
      },
    }),
  );
  const database = databaseOf(installation);
  const server = addresses({ database, queue });
  await createDatabase(cluster, database);
  const passwords = await createRoles(cluster, database);
  await openDoor(cluster, installation);
  const there = await cluster.kubectl("get", "secrets", "-n", namespace, "--output", "name");
  if (there.includes("/axial-admin")) return;
  const secrets: Record<string, Record<string, string>> = {
    "axial-database": { url: server.database("axial_services", passwords.axial_services) },
    "axial-migrations": { url: server.database("axial_migrations", passwords.axial_migrations) },
    "axial-archive": { url: server.database("axial_archive", passwords.axial_archive) },
    "axial-queue": { url: server.queue },
    "axial-blobs": {
      url: server.blobs,
      "access-key-id": server.accessKeyId,
      "secret-access-key": server.secretAccessKey,
      // The cluster's store has one account.
      "read-access-key-id": server.accessKeyId,
      "read-secret-access-key": server.secretAccessKey,
    },
    "axial-outcomes": { keys: secret() },
    "axial-admin": { key: `axial_${secret()}` },
  };
  for (const [name, stringData] of Object.entries(secrets)) {
    await createSecret(cluster, { namespace, name, stringData });
  }
}

export async function createSecret(
  cluster: Cluster,
  { namespace, name, stringData }: { namespace: string; name: string; stringData: object },
): Promise<void> {
  const metadata = { name, namespace };
  await cluster.apply(JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata, stringData }));
}

/** The three roles' passwords. They belong to the whole server: later installations share them. */
async function createRoles(cluster: Cluster, database: string) {
  const url = await databaseUrl(cluster, database);
  await query(url, await readFile(ROLES, "utf8"));
  const passwords = {
    axial_services: "services",
    axial_migrations: "migrations",
    axial_archive: "archive",
  };
  for (const [role, password] of Object.entries(passwords)) {
    await query(url, `ALTER ROLE ${role} PASSWORD '${password}'`);
  }
  return passwords;
}

const secret = () => randomBytes(SECRET_BYTES).toString("hex");

/** The installation's first key. */
export async function adminKeyOf(cluster: Cluster, { namespace }: Installation): Promise<string> {
  const what = ["get", "secret", "axial-admin", "--namespace", namespace];
  const encoded = await cluster.kubectl(...what, "--output", "jsonpath={.data.key}");
  return Buffer.from(encoded, "base64").toString();
}

/** `helm upgrade --install` with e2e/cluster/values.yaml; resolves when all of it is ready. */
export async function installChart(
  cluster: Cluster,
  { name, namespace, host }: Installation,
  set: readonly string[] = [],
): Promise<void> {
  const values = [`config.AXIAL_PUBLIC_URL=https://${host}`, ...set].flatMap((value) => [
    "--set",
    value,
  ]);
  await cluster.helm(
    ...["upgrade", "--install", name, CHART, "--namespace", namespace, "--values", VALUES],
    ...[...values, "--wait", "--timeout", READY_WITHIN],
  );
}

/** Resolves when every deployment of the namespace has the pods that it wants. */
export async function awaitRollouts(cluster: Cluster, namespace: string): Promise<void> {
  const names = await cluster.kubectl("get", "deployments", "-n", namespace, "--output", "name");
  for (const name of names.split("\n").filter((line) => line !== "")) {
    await cluster.kubectl("rollout", "status", name, "-n", namespace, "--timeout", READY_WITHIN);
  }
}
