import { newId, type TaskId, type TaskResult } from "@axial/contracts";
import { readManifest } from "@axial/inference/packages";
import { TINY_MODELS } from "@axial/testkit";
import { describe, expect, it } from "vitest";
import { checkResult } from "../../src/recorder/check-result.ts";
import { taskInput, taskResult } from "../support/results.ts";

const id = newId<TaskId>();
const pkg = await readManifest(`${TINY_MODELS}/tiny-brain/1.0.0`);
const honest = taskResult(id, { labels: { appearance: ["bright", "dark", "textured"] } });
const input = taskInput(honest);
const check = (result: TaskResult) => checkResult(result, { id, input, pkg });
const [distribution] = honest.distributions as [TaskResult["distributions"][number]];
const [slice] = honest.slices as [TaskResult["slices"][number]];

/** Each lie, under the field that it is told in. */
const LIES: readonly (readonly [field: string, lie: Partial<TaskResult>])[] = [
  ["task", { task: newId() }],
  ["model.id", { model: { ...honest.model, id: "another" } }],
  ["model.version", { model: { ...honest.model, version: "9.9.9" } }],
  ["model.sha256", { model: { ...honest.model, sha256: "f".repeat(64) } }],
  ["model.evidence", { model: { ...honest.model, evidence: "validated" } }],
  ["preprocessingHash", { preprocessingHash: "0".repeat(64) }],
  ["inputHash", { inputHash: "0".repeat(64) }],
  ["labels", { labels: { appearance: ["dark", "bright", "textured"] } }],
  ["stack", { stack: { places: 1, order: "none", plane: null, spacing: null } }],
  ["excluded", { excluded: { "other-stack": 1 } }],
  ["laterality", { laterality: "L" }],
  ["slices", { slices: [{ ...slice, sopInstanceUid: "1.2.4" }] }],
  ["slices", { slices: [{ ...slice, frame: 1 }] }],
  ["slices", { slices: [slice, slice] }],
  ["slices.probabilities", { slices: [{ ...slice, probabilities: { appearance: [1] } }] }],
  ["slices.probabilities", { slices: [{ ...slice, probabilities: {} }] }],
  ["slices.domainDistance", { slices: [{ ...slice, domainDistance: 1 }] }],
  ["skipped", { skipped: [{ ...slice, code: "undecodable" }] }],
  ["skipped", { skipped: [{ sopInstanceUid: "9", frame: 0, code: "undecodable" }] }],
  ["skipped.code", { slices: [slice], skipped: [{ ...slice, code: "Name^Of^A^Patient" }] }],
  ["batchSizes", { batchSizes: [1, 1] }],
  ["distributions", { distributions: [distribution, distribution] }],
  ["distributions.name", { distributions: [{ ...distribution, name: "grade" }] }],
  ["distributions.name", { distributions: [{ ...distribution, kind: "marginal" }] }],
  ["distributions.label", { distributions: [{ ...distribution, label: "bright" }] }],
  ["distributions.label", { distributions: [{ ...distribution, label: "indeterminate" }] }],
  ["distributions.display", { distributions: [{ ...distribution, display: "Cancer" }] }],
  ["distributions.probability", { distributions: [{ ...distribution, probability: 0.99 }] }],
  ["distributions.labels", { distributions: [{ ...distribution, probabilities: { dark: 0.7 } }] }],
  [
    "domain",
    {
      domain: { inDomain: true, distance: 0, threshold: 1, falseAlarmRate: 0, slicesBeyond: 0 },
    },
  ],
  [
    "certainty",
    {
      certainty: [
        ...[{ distribution: "appearance", leading: "dark", agreement: 1, entropy: 0, margin: 1 }],
      ].map((one) => ({ ...one, crossed: [] })),
    },
  ],
];

describe("a result is compared with its task and package", () => {
  it("and taken when it fits", () => {
    expect(() => check(honest)).not.toThrow();
  });

  it.each(LIES)("a lie about %s is a mismatch", (field, lie) => {
    expect(() => check({ ...honest, ...lie })).toThrow(
      expect.objectContaining({ code: "result-mismatch", detail: field }),
    );
  });
});
