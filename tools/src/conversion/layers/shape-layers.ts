import { activate } from "../network/activation.ts";
import { combineConstant } from "../network/arithmetic.ts";
import { connect } from "../network/dense.ts";
import { flatten, padImage, permute, reshape } from "../network/reshape.ts";
import { activationOf } from "./convolution-layers.ts";
import { type Layer, type LayerConverter, onOne } from "./layer.ts";

const same: LayerConverter = onOne((_net, input) => input);

/** Layers that connect, rearrange or scale values; and those that do something in training only. */
export const SHAPE_LAYERS: Readonly<Record<string, LayerConverter>> = {
  Dense: onOne((net, input, layer) => {
    const bias = layer.weightIf("use_bias", "bias");
    const output = connect(net, input, { kernel: layer.weight("kernel"), bias });
    return activate(net, output, activationOf(layer));
  }),
  Flatten: onOne((net, input, layer) => {
    layer.assertChannelsLast();
    return flatten(net, input);
  }),
  Reshape: onOne((net, input, { config }) => reshape(net, input, config.numbers("target_shape"))),
  Permute: onOne((net, input, { config }) => permute(net, input, config.numbers("dims"))),
  ZeroPadding2D: onOne((net, input, layer) => {
    layer.assertChannelsLast();
    return padImage(net, input, bordersOf(layer));
  }),
  Rescaling: onOne((net, input, { config }) => {
    const constant = (value: number) => ({ shape: [], values: Float32Array.of(value) });
    const scaled = combineConstant(net, "Mul", {
      input,
      constant: constant(config.number("scale")),
    });
    const offset = constant(config.number("offset", 0));
    return combineConstant(net, "Add", { input: scaled, constant: offset });
  }),
  Dropout: same,
  SpatialDropout2D: same,
  GaussianDropout: same,
  GaussianNoise: same,
  AlphaDropout: same,
};

/** [[top, bottom], [left, right]], [vertical, horizontal], or one number for all. */
function bordersOf(layer: Layer) {
  const padding = layer.config.get("padding") ?? 1;
  const sides = Array.isArray(padding) ? padding : [padding, padding];
  const [vertical, horizontal] = sides.map((side: unknown) => pairOf(layer, side));
  if (vertical === undefined || horizontal === undefined || sides.length !== 2) {
    throw layer.unconvertible("with padding of another form");
  }
  return { vertical, horizontal };
}

function pairOf(layer: Layer, side: unknown): readonly [number, number] {
  if (typeof side === "number") return [side, side];
  const [before, after] = Array.isArray(side) ? side : [];
  if (typeof before === "number" && typeof after === "number") return [before, after];
  throw layer.unconvertible("with padding of another form");
}
