import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadModelPackage, openSession, verifyGolden } from "@axial/inference";
import { TINY_MODELS } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ImportOptions, importOnnx } from "../../src/conversion/index.ts";
import { GraphWriter } from "../../src/conversion/onnx/graph-writer.ts";
import { makeNode } from "../../src/conversion/onnx/make-node.ts";
import { DATA_TYPE, type OnnxModel } from "../../src/conversion/onnx/onnx-graph.ts";
import { readOnnx } from "../../src/conversion/onnx/read-onnx.ts";
import { freshModel, writeOnnx } from "../../src/conversion/onnx/write-onnx.ts";
import { Workplace } from "./exports.ts";

let place: Workplace;
beforeAll(async () => {
  place = await Workplace.open();
});
afterAll(() => place.close());

const LABELS = ["first", "second"];

/** Mean of each of three channels, then a dense layer: float [1, 3, 16, 16] to logits [1, 2]. */
function meanColour(change: (model: OnnxModel) => OnnxModel = (model) => model): Uint8Array {
  const writer = new GraphWriter("test");
  const pooled = writer.node("GlobalAveragePool", ["x"]);
  const flat = writer.node("Flatten", [pooled], { axis: 1 });
  const weights = writer.floats(Float32Array.of(2, -1, 0.5, 1, 1, -2), [3, 2]);
  writer.alias(writer.node("Gemm", [flat, weights]), "logits");
  return writeOnnx(
    change({
      nodes: writer.nodes,
      initializers: writer.initializers,
      inputs: [{ name: "x", dataType: DATA_TYPE.float32, dims: [1, 3, 16, 16] }],
      outputs: [{ name: "logits", dataType: DATA_TYPE.float32, dims: [1, 2] }],
      ...freshModel("mean colour"),
    }),
  );
}

type Change = (model: OnnxModel) => OnnxModel;

/** One more operation before the output, which keeps its name. */
function withLast(op: string, attributes: Record<string, number> = {}): Change {
  return behind((writer, logits) => writer.node(op, [logits], attributes));
}

function behind(add: (writer: GraphWriter, logits: string) => string): Change {
  return (model) => {
    const writer = new GraphWriter("last");
    const nodes = model.nodes.map((node) =>
      node.outputs.includes("logits") ? { ...node, outputs: ["before"] } : node,
    );
    writer.alias(add(writer, "before"), "logits");
    return {
      ...model,
      nodes: [...nodes, ...writer.nodes],
      initializers: [...model.initializers, ...writer.initializers],
    };
  };
}

/** Positive numbers divided by their sum: probabilities that no operation is named for. */
const dividedBySum = behind((writer, logits) => {
  const positive = writer.node("Exp", [logits]);
  const sum = writer.node("ReduceSum", [positive, writer.ints([1])], { keepdims: 1 });
  return writer.node("Div", [positive, sum]);
});

/** As exporters write `view(1, -1)`. */
const reshapedToOne = behind((writer, logits) =>
  writer.node("Reshape", [logits, writer.ints([1, 2])]),
);

async function run(bytes: Uint8Array, more: Partial<ImportOptions> = {}) {
  const source = join(place.root, "model.onnx");
  await writeFile(source, bytes);
  return importOnnx(place.options(source, { labels: LABELS, ...more }));
}

describe("an ONNX file", () => {
  it("comes out as it went in, so far as it is not changed", async () => {
    const bytes = await readFile(join(TINY_MODELS, "tiny-brain/1.0.0/weights.onnx"));
    const model = readOnnx(new Uint8Array(bytes));
    expect(readOnnx(writeOnnx(model))).toEqual(model);
    expect(model.inputs).toEqual([{ name: "image", dataType: 2, dims: ["batch", 1, 32, 32] }]);
  });

  it("with floats and a batch of one becomes a package for bytes and any batch", async () => {
    const preprocess = { normalise: "imagenet", resize: "letterbox" } as const;
    const found = await run(meanColour(), { preprocess, activation: "softmax" });
    expect(found).toMatchObject({ runtime: "onnx", explanation: "cam", labels: LABELS });
    const pkg = await loadModelPackage(found.folder);
    expect(pkg.manifest.input).toMatchObject({ dtype: "uint8", layout: "NCHW", channels: 3 });
    const session = await openSession(pkg, { providers: ["cpu"], threads: 1 });
    expect((await verifyGolden(session, pkg)).cases).toBe(3);
    const levels = [200, 100, 50];
    const image = Uint8Array.from({ length: 3 * 256 }, (_, i) => levels[Math.floor(i / 256)] ?? 0);
    const outputs = await session.run(image, 1);
    await session.close();
    const [red = 0, green = 0, blue = 0] = [
      (200 / 255 - 0.485) / 0.229,
      (100 / 255 - 0.456) / 0.224,
      (50 / 255 - 0.406) / 0.225,
    ];
    const logits = [2 * red + 0.5 * green + blue, -red + green - 2 * blue] as const;
    const expected = 1 / (1 + Math.exp(logits[1] - logits[0]));
    expect(outputs[pkg.manifest.heads[0]?.output ?? ""]?.[0]).toBeCloseTo(expected, 5);
  });

  it("that takes bytes and returns probabilities is taken as it is", async () => {
    const bytes = await readFile(join(TINY_MODELS, "tiny-brain/1.0.0/weights.onnx"));
    const labels = ["bright", "dark", "textured"];
    const found = await run(bytes, { labels, output: "probabilities" });
    const { manifest } = await loadModelPackage(found.folder);
    expect(manifest.input).toMatchObject({ name: "image", dtype: "uint8", channels: 1 });
    expect(found.explanation).toBe("cam");
  });

  it("is given figures and a statement of what they rest on", async () => {
    const options = { preprocess: { normalise: "unit" }, activation: "softmax" } as const;
    const validated = { ...options, evidence: "validated" } as const;
    await expect(run(meanColour(), validated)).rejects.toThrow(/--metrics.*--measured-on/);
    await expect(run(meanColour(), { ...validated, metrics: { accuracy: 1 } })).rejects.toThrow(
      "--measured-on",
    );
    const measuredOn = "300 generated squares, labelled by their colour";
    const found = await run(meanColour(), { ...validated, metrics: { accuracy: 1 }, measuredOn });
    const { manifest } = await loadModelPackage(found.folder);
    expect(manifest).toMatchObject({
      evidence: "validated",
      metrics: { data: measuredOn, values: { accuracy: 1 } },
    });
    expect(await readFile(join(found.folder, "CARD.md"), "utf8")).toContain("accuracy 1");
  });

  it("takes any image without a selector", async () => {
    const options = { preprocess: { normalise: "unit" }, activation: "softmax" } as const;
    const { selector } = (await loadModelPackage((await run(meanColour(), options)).folder))
      .manifest;
    expect(selector.modality).toEqual(expect.arrayContaining(["MR", "ES", "SM", "PX", "IVOCT"]));
    expect(selector).toMatchObject({
      bodyPart: { anyOf: [], whenMissing: "accept" },
      plane: { anyOf: [], whenMissing: "accept" },
      sequence: { anyOf: [], whenMissing: "accept" },
      derived: "accept",
      minimumSlices: 1,
      minimumShare: 0.5,
    });
  });

  it("has a heat map where PyTorch writes factors of 1 out, and none where they are others", async () => {
    const factors = (alpha: number) => (model: OnnxModel) => ({
      ...model,
      nodes: model.nodes.map((node) => {
        if (node.op !== "Gemm") return node;
        const { inputs, outputs } = node;
        return makeNode(
          "Gemm",
          { inputs, outputs },
          { alpha: { float: alpha }, beta: { float: 1 } },
        );
      }),
    });
    const options = { preprocess: { normalise: "unit" }, activation: "softmax" } as const;
    expect(await run(meanColour(factors(1)), options)).toMatchObject({ explanation: "cam" });
    const scaled = await run(meanColour(factors(0.5)), options);
    expect(scaled.unexplained).toContain("begin with Gemm");
  });

  it("says why there is no heat map", async () => {
    const options = { preprocess: { normalise: "unit" }, activation: "softmax" } as const;
    const found = await run(meanColour(withLast("Tanh")), options);
    expect(found).toMatchObject({
      explanation: null,
      unexplained: expect.stringMatching(/global average pooling or flattening.*begin with Tanh/),
    });
    expect(await readFile(join(found.folder, "CARD.md"), "utf8")).toContain("Heat map: none: maps");
  });

  const input = (change: object) => (model: OnnxModel) => ({
    ...model,
    inputs: model.inputs.map((one) => ({ ...one, ...change })),
  });
  const output = (change: object) => (model: OnnxModel) => ({
    ...model,
    outputs: model.outputs.map((one) => ({ ...one, ...change })),
  });
  const UNIT = { preprocess: { normalise: "unit" } } as const;
  const REFUSED: [string, Uint8Array, Partial<ImportOptions>, string, RegExp][] = [
    ["logits", meanColour(), UNIT, "invalid-model", /not a probability; for logits/],
    ["floats of unknown meaning", meanColour(), {}, "invalid-request", /--preprocess/],
    [
      "another number of labels",
      meanColour(),
      { ...UNIT, labels: ["a", "b", "c"] },
      "invalid-model",
      /2 outputs and 3 labels/,
    ],
    [
      "an input of three axes",
      meanColour(input({ dims: [3, 16, 16] })),
      UNIT,
      "invalid-model",
      /four axes/,
    ],
    [
      "volumes",
      meanColour(input({ dims: [1, 1, 16, 16, 16] })),
      UNIT,
      "invalid-model",
      /volumes \(3D\)/,
    ],
    [
      "a map over the image",
      meanColour(output({ dims: [1, 2, 16, 16] })),
      UNIT,
      "invalid-model",
      /\[1, 2, 16, 16\]: a map over the image, as segmentation returns/,
    ],
    [
      "boxes",
      meanColour(output({ dims: [1, 100, 4] })),
      UNIT,
      "invalid-model",
      /boxes, as object detection returns/,
    ],
    [
      "a softmax over its softmax",
      meanColour(withLast("Softmax")),
      { ...UNIT, activation: "softmax" },
      "invalid-request",
      /returns probabilities \(it ends in Softmax\).*--activation none/,
    ],
    [
      "a sigmoid over its softmax",
      meanColour(withLast("Softmax")),
      { ...UNIT, activation: "sigmoid" },
      "invalid-request",
      /returns probabilities.*--activation none/,
    ],
    [
      "a softmax over rows that add up to one without an operation that says so",
      meanColour(dividedBySum),
      { ...UNIT, activation: "softmax" },
      "invalid-request",
      /add up to 1 on every generated image/,
    ],
    [
      "a layer that mixes the images of a batch",
      meanColour(withLast("Softmax", { axis: 0 })),
      UNIT,
      "invalid-model",
      /several images in one batch: Softmax \(/,
    ],
    [
      "a layer that allows one image only",
      meanColour(reshapedToOne),
      { ...UNIT, activation: "softmax" },
      "invalid-model",
      /several images in one batch: Reshape \(/,
    ],
    [
      "an input of another type",
      meanColour(input({ dataType: 10 })),
      UNIT,
      "invalid-model",
      /is float16/,
    ],
    [
      "two channels",
      meanColour(input({ dims: [1, 2, 16, 16] })),
      UNIT,
      "invalid-model",
      /1 or 3 channels/,
    ],
    [
      "an image size that is open",
      meanColour(input({ dims: [1, 3, "h", "w"] })),
      UNIT,
      "invalid-model",
      /--size/,
    ],
    [
      "an output that is not there",
      meanColour(),
      { ...UNIT, output: "z" },
      "invalid-request",
      /logits/,
    ],
    [
      "bytes that are not a graph",
      Buffer.from("PK no onnx"),
      UNIT,
      "invalid-model",
      /not an ONNX file/,
    ],
    [
      "an operator that does not exist",
      meanColour((model) => ({
        ...model,
        nodes: model.nodes.map((node) => (node.op === "Gemm" ? { ...node, op: "Gem" } : node)),
      })),
      { ...UNIT, activation: "softmax" },
      "invalid-model",
      /cannot load the graph.*Gem/,
    ],
  ];
  it.each(REFUSED)("is refused with %s", async (_what, bytes, more, code, message) => {
    await expect(run(bytes, { ...more, id: "refused" })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it("is refused when its tensors lie in other files", async () => {
    const outside = meanColour((model) => ({
      ...model,
      // data_location = EXTERNAL, with the path in external_data.
      initializers: model.initializers.map((tensor) => ({
        ...tensor,
        message: Buffer.concat([
          tensor.message,
          Buffer.from([14 * 8, 1, 13 * 8 + 2, 4, 10, 2, 46, 46]),
        ]),
      })),
    }));
    await expect(run(outside, UNIT)).rejects.toThrow("refer to data outside their file");
  });
});
