import { beforeAll, describe, expect, it } from "vitest";
import type { KubernetesObject } from "../src/kubernetes-object.ts";
import {
  buildFolder,
  buildOverlay,
  findKustomize,
  KUBERNETES,
  overlays,
} from "../src/kustomize.ts";
import { schemaProblems } from "../src/models.ts";
import { RULES } from "../src/rules/index.ts";
import { noSecretsInside } from "../src/rules/security.ts";
import { unknownFields } from "../src/strict-types.ts";

const kustomize = await findKustomize();
if (kustomize === null) console.log("skipped: neither kustomize nor kubectl is installed");

/** For one machine, with passwords that everyone knows. */
const FOR_TRYING_OUT = "kind-local";

describe.skipIf(kustomize === null).each(overlays())("overlay %s", (overlay) => {
  let objects: KubernetesObject[];

  beforeAll(async () => {
    objects = await buildOverlay(overlay, kustomize ?? []);
  });

  it("has objects that the schemas of Kubernetes and its extensions know", async () => {
    expect(objects.length).toBeGreaterThan(20);
    expect((await Promise.all(objects.map(schemaProblems))).flat()).toEqual([]);
  });

  it("has no field that its kind does not know", async () => {
    expect(await unknownFields(objects)).toEqual([]);
  });

  it.each(Object.keys(RULES))("keeps the rule %s", (name) => {
    expect(RULES[name]?.(objects)).toEqual([]);
  });

  it.skipIf(overlay === FOR_TRYING_OUT)("has its secrets by reference", () => {
    expect(noSecretsInside(objects)).toEqual([]);
  });
});

describe.skipIf(kustomize === null)("the examples of what Axial stands on", () => {
  it("fit the schemas, and are pinned, limited and restricted", async () => {
    const objects = await buildFolder(`${KUBERNETES}/examples`, kustomize ?? []);
    expect((await Promise.all(objects.map(schemaProblems))).flat()).toEqual([]);
    expect(await unknownFields(objects)).toEqual([]);
    const rules = [
      ...["restricted", "resourcesSet", "imagesPinned", "imagesAsInCompose"],
      ...["probesPresent", "selectorsMeet", "drainsGoOn"],
    ];
    expect(rules.flatMap((name) => RULES[name]?.(objects) ?? [name])).toEqual([]);
  });
});
