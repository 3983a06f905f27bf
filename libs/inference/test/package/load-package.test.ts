import { rename, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copyTinyModel, type ModelCopy, type ModelEdits, TINY_MODELS } from "@axial/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { listModelPackages, loadModelPackage, preprocessingHash } from "../../src/index.ts";

const copies: ModelCopy[] = [];

async function copy(edits?: ModelEdits): Promise<string> {
  const made = await copyTinyModel(edits);
  copies.push(made);
  return made.folder;
}

afterEach(async () => {
  await Promise.all(copies.splice(0).map((made) => made.remove()));
});

describe("a model package", () => {
  it("loads when everything agrees", async () => {
    const [folder = ""] = await listModelPackages(TINY_MODELS);
    const pkg = await loadModelPackage(folder);
    expect(pkg.manifest.id).toBe("tiny-brain");
    expect(preprocessingHash(pkg.manifest)).toMatch(/^[0-9a-f]{64}$/);
  });

  const CONTRADICTIONS: [string, ModelEdits, RegExp][] = [
    ["breaks the schema", { manifest: (m) => delete m.heads }, /heads/],
    [
      "leaves its folder by the weights' name",
      { manifest: (m) => (m.weights.file = "../weights.onnx") },
      /weights\/file/,
    ],
    [
      "sums a label that does not exist",
      {
        manifest: (m) => {
          m.heads[0].marginals = [
            {
              name: "look",
              labels: [
                { id: "a", display: "A", of: ["bright"] },
                { id: "b", display: "B", of: ["gone"] },
              ],
            },
          ];
        },
      },
      /gone, no label of appearance/,
    ],
    [
      "names a label twice",
      { manifest: (m) => (m.heads[0].labels[1].id = "bright") },
      /bright appears twice/,
    ],
    [
      "prepares other channels than the input takes",
      { manifest: (m) => (m.preprocessing.channels = "rgb") },
      /3 channels/,
    ],
    [
      "has no golden distance",
      {
        manifest: (m) => {
          const rule = { threshold: 2, falseAlarmRate: 0.01, action: "mark" };
          m.domain = { ...rule, output: "distance", measuredOn: "phantoms" };
        },
      },
      /has no distance/,
    ],
    [
      "has a golden input of another shape",
      { golden: (g) => (g.cases[0].input.shape = [1, 1, 16, 16]) },
      /type and shape/,
    ],
    [
      "has a golden input that inflates to something else",
      { golden: (g) => (g.cases[0].input.data = g.cases[1].input.data.slice(0, 8)) },
      /damaged input/,
    ],
  ];
  it.each(CONTRADICTIONS)("is refused when it %s", async (_what, edits, message) => {
    const loading = loadModelPackage(await copy(edits));
    await expect(loading).rejects.toMatchObject({
      code: "invalid-model",
      message: expect.stringMatching(message),
    });
  });

  it("is refused when its weights are truncated, changed, missing or a link", async () => {
    const truncated = await copy();
    await truncate(join(truncated, "weights.onnx"), 600);
    await expect(loadModelPackage(truncated)).rejects.toThrow("has 600 bytes, model.json says");

    const changed = await copy();
    await writeFile(join(changed, "weights.onnx"), new Uint8Array(1260));
    await expect(loadModelPackage(changed)).rejects.toThrow("does not match the SHA-256");

    const linked = await copy();
    await rename(join(linked, "weights.onnx"), join(linked, "elsewhere.onnx"));
    await expect(loadModelPackage(linked)).rejects.toThrow("weights.onnx is missing");
    await symlink(join(linked, "elsewhere.onnx"), join(linked, "weights.onnx"));
    await expect(loadModelPackage(linked)).rejects.toThrow("is not a plain file");
  });

  it("is refused when its JSON is damaged", async () => {
    const folder = await copy();
    await writeFile(join(folder, "golden.json"), "{");
    await expect(loadModelPackage(folder)).rejects.toThrow("golden.json is not JSON");
  });
});

describe("listing", () => {
  it("finds nothing in a folder that does not exist", async () => {
    expect(await listModelPackages("/nowhere/models")).toEqual([]);
  });
});
