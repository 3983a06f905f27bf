import { loadModelPackage, openSession } from "@axial/inference";
import type * as layers from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Imported, type ImportOptions, importTfjs } from "../../src/conversion/index.ts";
import { exportOf, randomise, Workplace } from "./exports.ts";
import * as networks from "./networks.ts";

let place: Workplace;
beforeAll(async () => {
  place = await Workplace.open();
});
afterAll(() => place.close());

async function imported(
  model: layers.LayersModel,
  labels: string[],
  more: Partial<ImportOptions> = {},
): Promise<Imported> {
  randomise(model);
  const source = await place.write(await exportOf(model, labels));
  return importTfjs(place.options(source, more));
}

/** Far below what an import allows: float32 sums in another order. */
const ROUNDING = 1e-5;

describe("a TensorFlow.js layers model", () => {
  it.each([
    ["as Teachable Machine nests it", networks.teachableMachine, ["a", "b", "c"], "grad-cam"],
    ["of five convolutions with sigmoids", networks.baseline, ["a", "b"], "grad-cam"],
    ["of branches", networks.branches, ["a", "b", "c", "d"], null],
    ["that pools globally", networks.pooledClassifier, ["a", "b", "c"], "cam"],
  ])(
    "%s returns in ONNX what it returns in TensorFlow.js",
    async (_what, make, labels, explanation) => {
      const found = await imported(make(), labels);
      expect(found).toMatchObject({ runtime: "onnx", labels, explanation, warnings: [] });
      expect(found.parity?.images).toBeGreaterThanOrEqual(11);
      expect(found.parity?.worst).toBeLessThan(ROUNDING);
    },
  );

  it("says of probabilities whether they exclude each other", async () => {
    const { folder } = await imported(networks.baseline(), ["a", "b"]);
    expect((await loadModelPackage(folder)).manifest.heads[0]?.kind).toBe("sigmoid");
  });

  it("has maps whose means differ as the logits do", async () => {
    const { folder } = await imported(networks.pooledClassifier(), ["a", "b", "c"]);
    const pkg = await loadModelPackage(folder);
    const session = await openSession(pkg, { providers: ["cpu"], threads: 1 });
    const pixels = 3 * 24 * 24;
    const images = Uint8Array.from({ length: 2 * pixels }, (_, i) => (i * i) % 253);
    const { "class-maps": maps = new Float32Array(), probabilities = new Float32Array() } =
      await session.run(images, 2);
    await session.close();
    const cells = 22 * 22;
    // The biases are the same for both images: they drop out of the change from one to the other.
    const change = (label: number) => mean(maps, label, cells) - mean(maps, 3 + label, cells);
    const logit = (image: number, label: number) => Math.log(probabilities[image * 3 + label] ?? 0);
    for (const label of [1, 2]) {
      const logits = logit(0, label) - logit(0, 0) - (logit(1, label) - logit(1, 0));
      expect(change(label) - change(0)).toBeCloseTo(logits, 3);
    }
  });

  it("is kept for TensorFlow.js, with a warning, where a layer has no counterpart", async () => {
    const found = await imported(networks.unconvertible(), ["a", "b"]);
    expect(found).toMatchObject({ runtime: "tfjs", parity: null, explanation: null });
    expect(found.warnings[0]).toMatch(/many times slower.*UpSampling2D/);
    const pkg = await loadModelPackage(found.folder);
    const session = await openSession(pkg, { providers: ["cpu"], threads: 1 });
    expect(session.provider).toMatch(/^tfjs-/);
    await session.close();
  });
});

describe("a network of several outputs", () => {
  it("asks which one, and names what each returns", async () => {
    await expect(imported(networks.twoOutputs(), ["a", "b", "c"])).rejects.toMatchObject({
      code: "invalid-request",
      message: expect.stringMatching(
        /--output.*0 first \[batch, 3\]; 1 second \[batch, 2\]; 2 features \[batch, .*segmentation/,
      ),
    });
  });

  it.each([
    ["its name", "second"],
    ["its position", "1"],
  ])("takes the one that %s says", async (_what, output) => {
    const found = await imported(networks.twoOutputs(), ["a", "b"], { output });
    expect(found).toMatchObject({ runtime: "onnx", labels: ["a", "b"] });
    expect(found.parity?.worst).toBeLessThan(ROUNDING);
    await expect(imported(networks.twoOutputs(), ["a", "b"], { output: "0" })).rejects.toThrow(
      "3 outputs and 2 labels",
    );
  });

  it("is refused where the one that was chosen is no list of numbers", async () => {
    const chosen = imported(networks.twoOutputs(), ["a", "b"], { output: "features" });
    await expect(chosen).rejects.toThrow(/a map over the image, as segmentation returns/);
  });
});

describe("an activation", () => {
  it("is refused over probabilities", async () => {
    const labels = ["a", "b", "c"];
    for (const activation of ["softmax", "sigmoid"] as const) {
      await expect(imported(networks.pooledClassifier(), labels, { activation })).rejects.toThrow(
        /returns probabilities \(it ends in Softmax\).*--activation none/,
      );
    }
    await expect(
      imported(networks.baseline(), ["a", "b"], { activation: "sigmoid" }),
    ).rejects.toThrow(/it ends in Sigmoid/);
  });
});

function mean(maps: Float32Array, index: number, cells: number): number {
  const map = maps.subarray(index * cells, (index + 1) * cells);
  return map.reduce((sum, value) => sum + value, 0) / cells;
}
