import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type CelInput, run } from "@bufbuild/cel";
import { beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { at, type KubernetesObject, listAt, textAt } from "../src/kubernetes-object.ts";
import { KUBERNETES } from "../src/kustomize.ts";

const POLICY = join(KUBERNETES, "components/deletion-cost/admission-policy.yaml");
const WORKER = "system:serviceaccount:axial:axial-worker";
const COST = "controller.kubernetes.io/pod-deletion-cost";

const pod = {
  metadata: {
    name: "axial-worker-1",
    labels: { "app.kubernetes.io/component": "worker" },
    annotations: { [COST]: "0", "a.example/kept": "yes" },
    ownerReferences: [{ kind: "ReplicaSet", name: "axial-worker", uid: "1" }],
  },
  spec: { containers: [{ name: "worker", image: "axial-service:0.1.0" }] },
};
const { annotations, ownerReferences, ...withoutBoth } = pod.metadata;
const changed = (metadata: Readonly<Record<string, CelInput>>) => ({
  ...pod,
  metadata: { ...pod.metadata, ...metadata },
});

describe("the admission policy of pod-deletion-cost", () => {
  let policy: KubernetesObject;
  let expressions: string[];

  beforeAll(async () => {
    const [document] = parseAllDocuments(await readFile(POLICY, "utf8"));
    policy = document?.toJS();
    expressions = listAt(policy, "spec.validations").map(
      (each) => textAt(each, "expression") ?? "",
    );
  });

  /** What the API server decides of an update; `podName` is that of the token's pod. */
  const admits = (object: CelInput, podName: string | null = pod.metadata.name) => {
    const extra = podName === null ? {} : { "authentication.kubernetes.io/pod-name": [podName] };
    const bindings = { object, oldObject: pod, request: { userInfo: { username: WORKER, extra } } };
    return expressions.every((expression) => run(expression, bindings) === true);
  };

  it("is asked about workers alone, and refuses when it cannot be asked", () => {
    const condition = textAt(listAt(policy, "spec.matchConditions")[0], "expression") ?? "";
    const asked = (username: string) => run(condition, { request: { userInfo: { username } } });
    expect([asked(WORKER), asked("system:node:a")]).toEqual([true, false]);
    expect(at(policy, "spec.failurePolicy")).toBe("Fail");
  });

  it("admits a cost, first or changed, on the worker's own pod", () => {
    expect(admits(changed({ annotations: { ...annotations, [COST]: "7" } }))).toBe(true);
    expect(admits(changed({ annotations: { "a.example/kept": "yes" } }))).toBe(true);
    expect(admits(pod, "axial-worker-2")).toBe(false);
    expect(admits(pod, null)).toBe(false);
  });

  it.each([
    ["another annotation", changed({ annotations: { ...annotations, more: "x" } })],
    ["another's annotation changed", changed({ annotations: { "a.example/kept": "no" } })],
    ["an annotation removed", changed({ annotations: { [COST]: "7" } })],
    ["every annotation removed", { ...pod, metadata: { ...withoutBoth, ownerReferences } }],
    ["labels", changed({ labels: {} })],
    ["finalizers", changed({ finalizers: ["a.example/never"] })],
    ["owner references cleared", { ...pod, metadata: { ...withoutBoth, annotations } }],
    ["another owner", changed({ ownerReferences: [{ ...ownerReferences[0], uid: "2" }] })],
    ["an image", { ...pod, spec: { containers: [{ name: "worker", image: "other" }] } }],
  ])("refuses %s", (_what, object) => {
    expect(admits(object)).toBe(false);
  });
});
