import { type KubernetesObject, listAt, nameOf, ofKind, textAt } from "../kubernetes-object.ts";
import { entryPoint, servicesOf, stringsAt } from "../workloads.ts";
import type { Rule } from "./rule.ts";

const SETTING = "AXIAL_MAX_DATABASE_BYTES";
/** Of its volume; the rest is for the write-ahead log, temporary files and vacuum. */
const MOST_OF_VOLUME = 0.9;
const UNITS: Readonly<Record<string, number>> = {
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  G: 1e9,
  T: 1e12,
};

/**
 * Every gateway is told how large the database may become, and that fits the volume of a database
 * among the objects: without it the gateway guesses, and closes the intake too early or never.
 */
export const databaseLimitFits: Rule = (objects) => {
  const volumes = volumesOf(objects);
  return servicesOf(objects).flatMap(({ object, containers }) =>
    containers
      .filter((container) => {
        const entry = entryPoint(container);
        return entry?.service === "gateway" && entry.file === "main";
      })
      .flatMap(({ spec }) => {
        const entry = listAt(spec, "env").find((one) => textAt(one, "name") === SETTING);
        const bytes = Number(textAt(entry, "value") ?? 0);
        if (!(bytes > 0)) return [`${nameOf(object)} lacks ${SETTING}`];
        return volumes
          .filter(({ size }) => bytes > MOST_OF_VOLUME * size)
          .map(({ name }) => `${nameOf(object)} lets the database outgrow the volume of ${name}`);
      }),
  );
};

/** Volumes of databases: of a StatefulSet that is marked as one, and of CloudNativePG's. */
function volumesOf(objects: readonly KubernetesObject[]): { name: string; size: number }[] {
  const plain = ofKind(objects, "StatefulSet").filter(
    (object) =>
      stringsAt(object, "spec.template.metadata.labels")["axial.dev/backing"] === "postgres",
  );
  return [
    ...plain.map((object) => ({
      name: nameOf(object),
      size: bytesOf(textAt(object, "spec.volumeClaimTemplates.0.spec.resources.requests.storage")),
    })),
    ...ofKind(objects, "Cluster").map((object) => ({
      name: nameOf(object),
      size: bytesOf(textAt(object, "spec.storage.size")),
    })),
  ];
}

/** A quantity of Kubernetes in bytes; 0 for one that is missing or in another unit. */
function bytesOf(quantity: string | null): number {
  const [, amount, unit] = /^(\d+)([GT]i?)$/.exec(quantity ?? "") ?? [];
  return Number(amount ?? 0) * (UNITS[unit ?? ""] ?? 0);
}
