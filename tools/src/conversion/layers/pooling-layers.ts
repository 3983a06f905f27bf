import { pool, poolGlobally } from "../network/pooling.ts";
import { paddingOf } from "./convolution-layers.ts";
import { type LayerConverter, onOne } from "./layer.ts";

type Kind = "max" | "mean";

/** Pooling of Keras. */
export const POOLING_LAYERS: Readonly<Record<string, LayerConverter>> = {
  MaxPooling2D: underWindow("max"),
  AveragePooling2D: underWindow("mean"),
  GlobalMaxPooling2D: overImage("max"),
  GlobalAveragePooling2D: overImage("mean"),
};

function underWindow(kind: Kind): LayerConverter {
  return onOne((net, input, layer) => {
    layer.assertChannelsLast();
    const size = layer.config.pair("pool_size", [2, 2]);
    const strides = layer.config.pair("strides", size);
    return pool(net, input, { kind, size, strides, padding: paddingOf(layer) });
  });
}

function overImage(kind: Kind): LayerConverter {
  return onOne((net, input, layer) => {
    layer.assertChannelsLast();
    return poolGlobally(net, input, { kind, keepAxes: layer.config.flag("keepdims", false) });
  });
}
