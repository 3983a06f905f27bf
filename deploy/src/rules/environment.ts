import { ArchiveEnvSchema } from "@axial/archive/config";
import { ConsoleEnvSchema } from "@axial/console/config";
import { GatewayEnvSchema, MigrationsEnvSchema } from "@axial/gateway/config";
import { ResultsEnvSchema } from "@axial/results/config";
import { WorkerEnvSchema } from "@axial/worker/config";
import type { TObject } from "typebox";
import { at, listAt, nameOf, ofKind, textAt } from "../kubernetes-object.ts";
import { type Container, entryPoint, servicesOf, stringsAt } from "../workloads.ts";
import type { Rule } from "./rule.ts";

/** What each script that a container starts reads from its environment. */
export const SCHEMAS: Readonly<Record<string, TObject>> = {
  "gateway/main": GatewayEnvSchema,
  "gateway/migrate": MigrationsEnvSchema,
  "archive/main": ArchiveEnvSchema,
  "results/main": ResultsEnvSchema,
  "console/main": ConsoleEnvSchema,
  "worker/main": WorkerEnvSchema,
};
/** Read by the AWS SDK, not by us. */
const OTHERS = /^AWS_/;

/** Every variable that a container is given is one that its service reads, and none is missing. */
export const environmentFits: Rule = (objects) =>
  servicesOf(objects).flatMap(({ object, containers }) =>
    containers.flatMap((container) => {
      const entry = entryPoint(container);
      if (entry === null) return [];
      const schema = SCHEMAS[`${entry.service}/${entry.file}`];
      if (schema === undefined)
        return [`${nameOf(object)} starts ${entry.file}, which is not a known service`];
      const own = listAt(container.spec, "env").map((variable) => textAt(variable, "name") ?? "");
      const given = new Set([...own, ...sharedNames(objects, container)]);
      return [
        ...own
          .filter((name) => !(name in schema.properties) && !OTHERS.test(name))
          .map((name) => `${nameOf(object)} sets ${name}, which its service does not read`),
        ...(schema.required ?? [])
          .filter((name) => !hasDefault(schema, name) && !given.has(name))
          .map((name) => `${nameOf(object)} lacks ${name}`),
      ];
    }),
  );

/** What the shared map sets is read by at least one service. */
export const sharedEnvironmentIsRead: Rule = (objects) =>
  ofKind(objects, "ConfigMap")
    .filter(({ metadata }) => metadata.name === "axial-config")
    .flatMap((map) =>
      Object.keys(stringsAt(map, "data"))
        .filter((name) => !Object.values(SCHEMAS).some(({ properties }) => name in properties))
        .map((name) => `${nameOf(map)} sets ${name}, which no service reads`),
    );

function sharedNames(objects: Parameters<Rule>[0], { spec }: Container): string[] {
  const maps = listAt(spec, "envFrom").map((source) => textAt(source, "configMapRef.name"));
  return ofKind(objects, "ConfigMap")
    .filter(({ metadata }) => maps.includes(metadata.name))
    .flatMap((map) => Object.keys(stringsAt(map, "data")));
}

function hasDefault(schema: TObject, name: string): boolean {
  return at(schema.properties[name], "default") !== undefined;
}
