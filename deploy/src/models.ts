import { type KubernetesObject, nameOf } from "./kubernetes-object.ts";

/** API groups that are not Kubernetes' own, and the package that ships their schemas. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  "gateway.networking.k8s.io": "@kubernetes-models/gateway-api",
  "keda.sh": "@kubernetes-models/keda",
  "monitoring.coreos.com": "@kubernetes-models/prometheus-operator",
  "postgresql.cnpg.io": "@kubernetes-models/cloudnative-pg",
};

/** The module that knows the object's kind: "kubernetes-models/apps/v1/Deployment". */
export function modelModule({ apiVersion, kind }: KubernetesObject): string {
  const group = apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
  return `${EXTENSIONS[group] ?? "kubernetes-models"}/${apiVersion}/${kind}`;
}

interface Model {
  validate(): void;
}

/** Violations of the object's schema. Throws for a kind that no package knows. */
export async function schemaProblems(object: KubernetesObject): Promise<string[]> {
  const exported: Record<string, new (data: KubernetesObject) => Model> = await import(
    modelModule(object)
  );
  const Kind = exported[object.kind];
  if (Kind === undefined) throw new Error(`no schema for ${nameOf(object)}`);
  try {
    new Kind(object).validate();
    return [];
  } catch (error) {
    return [`${nameOf(object)}: ${error instanceof Error ? error.message : String(error)}`];
  }
}
