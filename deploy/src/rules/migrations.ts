import { nameOf, textAt } from "../kubernetes-object.ts";
import { servicesOf } from "../workloads.ts";
import type { Rule } from "./rule.ts";

/**
 * A job cannot be changed: what is applied with another tag is another job, named by the tag or
 * by the revision of a release.
 */
export const migrationsRunAnew: Rule = (objects) =>
  servicesOf(objects)
    .filter(({ object }) => object.kind === "Job")
    .flatMap(({ object, podSpec }) => {
      const tag = textAt(podSpec, "containers.0.image")?.split(":").at(-1) ?? "";
      const { name, labels = {} } = object.metadata;
      const byRevision = labels["app.kubernetes.io/managed-by"] === "Helm" && /-\d+$/.test(name);
      const anew = name.endsWith(`-${tag}`) || byRevision;
      return anew ? [] : [`${nameOf(object)} is of the tag ${tag}, and its name is not`];
    });
