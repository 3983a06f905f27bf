import { activate, clipped, leaky } from "../network/activation.ts";
import { combineConstant } from "../network/arithmetic.ts";
import { normalise } from "../network/batch-normalisation.ts";
import {
  type Convolution,
  convolve,
  convolveDepthwise,
  type Weight,
} from "../network/convolution.ts";
import { connect } from "../network/dense.ts";
import {
  type Feature,
  type NetworkBuilder,
  UnconvertibleError,
} from "../network/network-builder.ts";
import { pool } from "../network/pooling.ts";
import { padImage } from "../network/reshape.ts";
import { constant, feature, type OpConverter, type Operation } from "./operation.ts";

/** Convolution, pooling and matrix products, with what the converter of TensorFlow.js fuses in. */
export const CONVOLUTION_OPS: Readonly<Record<string, OpConverter>> = {
  Conv2D: convolution(convolve),
  _FusedConv2D: convolution(convolve),
  DepthwiseConv2dNative: convolution(convolveDepthwise),
  FusedDepthwiseConv2dNative: convolution(convolveDepthwise),
  MatMul: product,
  _FusedMatMul: product,
  MaxPool: (net, operation) =>
    pool(net, feature(operation, 0), { kind: "max", ...pooled(operation) }),
  AvgPool: (net, operation) =>
    pool(net, feature(operation, 0), { kind: "mean", ...pooled(operation) }),
};

type Convolve = (net: NetworkBuilder, input: Feature, options: Convolution) => Feature;

function convolution(convolveAs: Convolve): OpConverter {
  return (net, operation) => {
    const { attributes } = operation;
    const window = windowOf(operation);
    const input = padded(net, operation);
    const convolved = convolveAs(net, input, {
      kernel: constant(operation, 1),
      bias: null,
      strides: window.strides,
      padding: window.padding,
      dilations: middle(attributes.ints("dilations"), [1, 1]),
    });
    return fused(net, operation, convolved);
  };
}

/** Explicit paddings become a layer of zeros. */
function padded(net: NetworkBuilder, operation: Operation): Feature {
  const input = feature(operation, 0);
  const { attributes } = operation;
  if (attributes.text("padding", "VALID") !== "EXPLICIT") return input;
  const [, , top = 0, bottom = 0, left = 0, right = 0] = attributes.ints("explicit_paddings");
  return padImage(net, input, { vertical: [top, bottom], horizontal: [left, right] });
}

function windowOf({ name, attributes }: Operation) {
  if (attributes.text("data_format", "NHWC") !== "NHWC") {
    throw new UnconvertibleError(`${name} with channels first`);
  }
  const padding = attributes.text("padding", "VALID") === "SAME" ? "same" : "valid";
  return { strides: middle(attributes.ints("strides"), [1, 1]), padding } as const;
}

function pooled(operation: Operation) {
  return { ...windowOf(operation), size: middle(operation.attributes.ints("ksize"), [1, 1]) };
}

/** Height and width of a list for batch, height, width, channels. */
function middle(
  list: readonly number[],
  otherwise: readonly [number, number],
): readonly [number, number] {
  const [, height = otherwise[0], width = otherwise[1]] = list;
  return [height, width];
}

function product(...[net, operation]: Parameters<OpConverter>): Feature {
  const { name, attributes } = operation;
  if (attributes.flag("transpose_a")) throw new UnconvertibleError(`${name} transposed`);
  const stored = constant(operation, 1);
  const kernel = attributes.flag("transpose_b") ? transposed(stored) : stored;
  return fused(net, operation, connect(net, feature(operation, 0), { kernel, bias: null }));
}

function transposed({ shape: [rows = 0, columns = 0], values }: Weight): Weight {
  const turned = Float32Array.from(
    values,
    (_, index) => values[(index % rows) * columns + Math.floor(index / rows)] as number,
  );
  return { shape: [columns, rows], values: turned };
}

/** What is fused in, in its order; their operands follow input and kernel. */
function fused(net: NetworkBuilder, operation: Operation, input: Feature): Feature {
  let [value, next] = [input, 2];
  for (const op of operation.attributes.texts("fused_ops")) {
    if (op === "BiasAdd") {
      value = combineConstant(net, "Add", { input: value, constant: constant(operation, next) });
      next += 1;
    } else if (op === "FusedBatchNorm") {
      value = normaliseBy(net, { operation, input: value, first: next });
      next += 4;
    } else {
      value = fusedActivation(net, operation, { op, value });
    }
  }
  return value;
}

function fusedActivation(
  net: NetworkBuilder,
  { name, attributes }: Operation,
  { op, value }: { op: string; value: Feature },
): Feature {
  switch (op) {
    case "Relu":
      return activate(net, value, "relu");
    case "Relu6":
      return { ...value, name: clipped(net, value, 6) };
    case "Elu":
      return activate(net, value, "elu");
    case "Sigmoid":
      return activate(net, value, "sigmoid");
    case "LeakyRelu":
      return leaky(net, value, attributes.float("leakyrelu_alpha", 0.2));
    default:
      throw new UnconvertibleError(`${name} with ${op}`);
  }
}

interface ByStatistics {
  readonly operation: Operation;
  readonly input: Feature;
  /** Index of the first of scale, offset, mean and variance. */
  readonly first: number;
}

/** Batch normalisation whose four constants are operands. */
export function normaliseBy(
  net: NetworkBuilder,
  { operation, input, first }: ByStatistics,
): Feature {
  return normalise(net, input, {
    gamma: constant(operation, first).values,
    beta: constant(operation, first + 1).values,
    mean: constant(operation, first + 2).values,
    variance: constant(operation, first + 3).values,
    epsilon: operation.attributes.float("epsilon", 1e-3),
  });
}
