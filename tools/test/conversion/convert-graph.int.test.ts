import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importTfjs } from "../../src/conversion/index.ts";
import { type Export, Workplace } from "./exports.ts";

let place: Workplace;
beforeAll(async () => {
  place = await Workplace.open();
});
afterAll(() => place.close());

const text = (value: string) => ({ s: Buffer.from(value).toString("base64") });
const ints = (...values: number[]) => ({ list: { i: values.map(String) } });
const window = (padding: string, stride: number) => ({
  strides: ints(1, stride, stride, 1),
  padding: text(padding),
  data_format: text("NHWC"),
  T: { type: "DT_FLOAT" },
});

/** A SavedModel as the converter writes it: fused and plain operations, weights in bytes. */
function graphModel(): Export {
  const weights: { name: string; shape: number[]; values: number[]; dtype: "float32" | "int32" }[] =
    [];
  const constant = (name: string, shape: number[], values?: number[]) => {
    const size = shape.reduce((product, one) => product * one, 1);
    const made = Array.from({ length: size }, (_, i) => Math.sin(i * 1.7 + weights.length) * 0.4);
    weights.push({ name, shape, values: values ?? made, dtype: values ? "int32" : "float32" });
    const dtype = { type: values ? "DT_INT32" : "DT_FLOAT" };
    return { name, op: "Const", attr: { dtype } };
  };
  const node = (name: string, op: string, input: string[], attr: object = {}) => ({
    name,
    op,
    input,
    attr: { T: { type: "DT_FLOAT" }, ...attr },
  });
  const sizes = [-1, 19, 15, 3].map((size) => ({ size: String(size) }));
  const nodes = [
    {
      name: "x",
      op: "Placeholder",
      attr: { dtype: { type: "DT_FLOAT" }, shape: { shape: { dim: sizes } } },
    },
    constant("k1", [3, 3, 3, 8]),
    constant("b1", [8]),
    constant("k2", [3, 3, 8, 1]),
    constant("scale", [8]),
    constant("pads", [4, 2], [0, 0, 1, 2, 0, 1, 0, 0]),
    constant("k3", [1, 1, 8, 6]),
    constant("axes", [2], [1, 2]),
    constant("k4", [6, 3]),
    constant("b4", [3]),
    node("c1", "_FusedConv2D", ["x", "k1", "b1"], {
      ...window("SAME", 2),
      dilations: ints(1, 1, 1, 1),
      fused_ops: { list: { s: [text("BiasAdd").s, text("Relu6").s] } },
      num_args: { i: "1" },
      epsilon: { f: 0 },
    }),
    node("padded", "Pad", ["c1", "pads"], { Tpaddings: { type: "DT_INT32" } }),
    node("c2", "DepthwiseConv2dNative", ["padded", "k2"], {
      ...window("VALID", 1),
      dilations: ints(1, 1, 1, 1),
    }),
    node("scaled", "Mul", ["c2", "scale"]),
    node("active", "Relu", ["scaled"]),
    node("pooled", "AvgPool", ["active"], { ...window("SAME", 2), ksize: ints(1, 3, 3, 1) }),
    node("c3", "Conv2D", ["pooled", "k3"], { ...window("SAME", 1), dilations: ints(1, 1, 1, 1) }),
    node("mean", "Mean", ["c3", "axes"], { keep_dims: { b: false }, Tidx: { type: "DT_INT32" } }),
    node("product", "MatMul", ["mean", "k4"], {
      transpose_a: { b: false },
      transpose_b: { b: false },
    }),
    node("logits", "BiasAdd", ["product", "b4"], { data_format: text("NHWC") }),
    node("probabilities", "Softmax", ["logits"]),
  ];
  const bytes = weights.map(({ values, dtype }) =>
    Buffer.from((dtype === "int32" ? Int32Array : Float32Array).from(values).buffer),
  );
  const specs = weights.map(({ name, shape, dtype }) => ({ name, shape, dtype }));
  const info = (name: string) => ({ name: `${name}:0`, dtype: "DT_FLOAT" });
  const shaped = { ...info("x"), tensorShape: { dim: sizes } };
  return {
    json: {
      format: "graph-model",
      modelTopology: { node: nodes, versions: { producer: 1 } },
      signature: { inputs: { x: shaped }, outputs: { probabilities: info("probabilities") } },
      weightsManifest: [{ paths: ["weights.bin"], weights: specs }],
    },
    weights: new Uint8Array(Buffer.concat(bytes)),
    metadata: null,
  };
}

describe("a TensorFlow.js graph model", () => {
  const labels = ["a", "b", "c"];
  it("returns in ONNX what it returns in TensorFlow.js", async () => {
    const source = await place.write(graphModel());
    const preprocess = { normalise: "signed" } as const;
    const found = await importTfjs(place.options(source, { labels, preprocess }));
    expect(found).toMatchObject({ runtime: "onnx", explanation: "cam", warnings: [] });
    expect(found.parity?.worst).toBeLessThan(1e-5);
  });

  it("asks for what no metadata says", async () => {
    const source = await place.write(graphModel());
    await expect(importTfjs(place.options(source))).rejects.toThrow("--labels");
    await expect(importTfjs(place.options(source, { labels }))).rejects.toThrow("--preprocess");
  });
});
