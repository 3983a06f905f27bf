import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { needs } from "@axial/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { type KubernetesObject, ofKind, textAt } from "../src/kubernetes-object.ts";
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

/** For one machine, with passwords that everyone knows. */
const FOR_TRYING_OUT = "kind-local";

describe.each(overlays())("overlay %s", needs("kustomize"), (overlay) => {
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

  it("names links after the host of its ingress", () => {
    const config = ofKind(objects, "ConfigMap").find(
      ({ metadata }) => metadata.name === "axial-config",
    );
    const [ingress] = ofKind(objects, "Ingress");
    const host = overlay === FOR_TRYING_OUT ? null : textAt(ingress, "spec.rules.0.host");
    const forwarded = "http://127.0.0.1:8080";
    expect(textAt(config, "data.AXIAL_PUBLIC_URL")).toBe(host ? `https://${host}` : forwarded);
  });

  it.each(Object.keys(RULES))("keeps the rule %s", (name) => {
    expect(RULES[name]?.(objects)).toEqual([]);
  });

  if (overlay !== FOR_TRYING_OUT) {
    it("has its secrets by reference", () => {
      expect(noSecretsInside(objects)).toEqual([]);
    });
  }
});

describe("an overlay with another tag", needs("kustomize"), () => {
  it.each(overlays())(
    "%s has hooks that wait for nothing that Argo CD makes after them",
    async (overlay) => {
      const built = await buildOverlay(overlay, kustomize ?? []);
      const before = built.filter(
        ({ metadata }) => metadata.annotations?.["argocd.argoproj.io/hook"] === "PreSync",
      );
      expect(before.map(({ kind }) => kind).toSorted()).toEqual(["Job", "ServiceAccount"]);
      expect(RULES.referencesExist?.(before)).toEqual([]);
    },
  );

  it.each(overlays())("%s has another job of migrations", async (overlay) => {
    const folder = await mkdtemp(join(KUBERNETES, ".tagged-"));
    try {
      const file = join(KUBERNETES, "overlays", overlay, "kustomization.yaml");
      const { replacements } = parse(await readFile(file, "utf8")) as { replacements: object[] };
      const names = ["axial-service", "registry.example.org/axial-service"];
      const images = names.map((name) => ({ name, newTag: "9.9.9-rc.1" }));
      const resources = [`../overlays/${overlay}`];
      await writeFile(
        join(folder, "kustomization.yaml"),
        stringify({ resources, images, replacements }),
      );
      const [job] = ofKind(await buildFolder(folder, kustomize ?? []), "Job");
      expect(job?.metadata.name).toBe("axial-migrations-9.9.9-rc.1");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("the examples of what Axial stands on", needs("kustomize"), () => {
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

  it("have a database with room for what the gateways let it become", async () => {
    const [examples, production] = await Promise.all([
      buildFolder(`${KUBERNETES}/examples`, kustomize ?? []),
      buildOverlay("production", kustomize ?? []),
    ]);
    expect(RULES.databaseLimitFits?.([...examples, ...production])).toEqual([]);
    const small = JSON.parse(JSON.stringify(examples).replaceAll('"500Gi"', '"400Gi"'));
    expect(RULES.databaseLimitFits?.([...small, ...production])).toEqual([
      "Deployment axial-gateway lets the database outgrow the volume of Cluster axial-postgres",
    ]);
  });
});
