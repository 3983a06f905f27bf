import { at, listAt, nameOf, textAt } from "../kubernetes-object.ts";
import { type Container, workloadsOf } from "../workloads.ts";
import type { Rule } from "./rule.ts";

const RESOURCES = ["cpu", "memory", "ephemeral-storage"];

/** Every container says what it needs and what it may take at most. */
export const resourcesSet: Rule = (objects) =>
  eachContainer(objects, ({ spec }) =>
    ["requests", "limits"].flatMap((bound) =>
      RESOURCES.filter((name) => at(spec, `resources.${bound}.${name}`) === undefined).map(
        (name) => `has no ${bound} of ${name}`,
      ),
    ),
  );

/** A tag or digest that names one image: no `latest`, no tag left out. */
export const imagesPinned: Rule = (objects) =>
  eachContainer(objects, ({ image }) => {
    const pinned = /@sha256:[0-9a-f]{64}$/.test(image) || /:[^:/]*\d[^:/]*$/.test(image);
    return pinned ? [] : [`takes the image ${image}, which is not pinned`];
  });

/** Whatever serves is watched for life and readiness, Axial's own also while it starts. */
export const probesPresent: Rule = (objects) =>
  workloadsOf(objects)
    .filter(({ object }) => object.kind !== "Job")
    .flatMap(({ object, podSpec }) =>
      listAt(podSpec, "containers")
        .filter(serves)
        .flatMap((spec) =>
          ["livenessProbe", "readinessProbe"].flatMap((probe) =>
            at(spec, probe) === undefined
              ? [`${nameOf(object)}, container ${textAt(spec, "name")} has no ${probe}`]
              : [],
          ),
        ),
    );

function serves(spec: unknown): boolean {
  return listAt(spec, "ports").length > 0;
}

function eachContainer(
  objects: Parameters<Rule>[0],
  problemsOf: (container: Container) => readonly string[],
): string[] {
  return workloadsOf(objects).flatMap(({ object, containers }) =>
    containers.flatMap((container) =>
      problemsOf(container).map(
        (problem) => `${nameOf(object)}, container ${container.name} ${problem}`,
      ),
    ),
  );
}
