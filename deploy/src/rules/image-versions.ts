import { readFileSync } from "node:fs";
import { nameOf } from "../kubernetes-object.ts";
import { workloadsOf } from "../workloads.ts";
import type { Rule } from "./rule.ts";

const COMPOSE = new URL("../../../docker/compose.yaml", import.meta.url);
const IMAGE = /^ +image: ([^\s:$]+):([^\s$]+)$/gm;

/** Servers have the version that docker/compose.yaml names, and with it the tests. */
export const imagesAsInCompose: Rule = (objects) => {
  const versions = new Map(
    [...readFileSync(COMPOSE, "utf8").matchAll(IMAGE)].map(([, name = "", tag = ""]) => [
      name,
      tag,
    ]),
  );
  return workloadsOf(objects).flatMap(({ object, containers }) =>
    containers.flatMap(({ image }) => {
      const [name = "", tag] = image.split(":");
      const wanted = versions.get(name);
      return wanted === undefined || wanted === tag
        ? []
        : [`${nameOf(object)} takes ${image}, and Compose ${wanted}`];
    }),
  );
};
