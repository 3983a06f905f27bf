import * as tf from "@tensorflow/tfjs-layers";

const { layers } = tf;
type Value = tf.SymbolicTensor;

const apply = (layer: tf.layers.Layer, ...inputs: Value[]): Value =>
  layer.apply(inputs.length === 1 ? (inputs[0] as Value) : inputs) as Value;

/** MobileNetV2 in small, nested as Teachable Machine nests it; odd sizes, strides, residuals. */
export function teachableMachine(): tf.LayersModel {
  const input = tf.input({ shape: [33, 33, 3], name: "input_1" });
  const first = layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, useBias: false });
  let x = apply(
    first,
    apply(
      layers.zeroPadding2d({
        padding: [
          [0, 1],
          [0, 1],
        ],
      }),
      input,
    ),
  );
  x = relu6(apply(layers.batchNormalization({ epsilon: 1e-3 }), x));
  x = invertedResidual(x, { filters: 8, strides: 1 });
  x = invertedResidual(x, { filters: 12, strides: 2 });
  x = invertedResidual(x, { filters: 12, strides: 1 });
  const features = tf.model({ inputs: input, outputs: x, name: "model1" });
  const backbone = tf.sequential();
  backbone.add(features);
  backbone.add(layers.globalAveragePooling2d({}));
  const head = tf.sequential();
  head.add(layers.dense({ units: 10, activation: "relu", inputShape: [12] }));
  head.add(layers.dropout({ rate: 0.5 }));
  head.add(layers.dense({ units: 3, activation: "softmax", useBias: false }));
  const whole = tf.sequential();
  whole.add(backbone);
  whole.add(head);
  return whole;
}

function relu6(x: Value): Value {
  return apply(layers.reLU({ maxValue: 6 }), x);
}

function invertedResidual(x: Value, block: { filters: number; strides: number }): Value {
  const wide = apply(layers.conv2d({ filters: 16, kernelSize: 1, useBias: false }), x);
  const depthwise = layers.depthwiseConv2d({
    kernelSize: 3,
    strides: block.strides,
    padding: "same",
    useBias: false,
  });
  const seen = relu6(apply(layers.batchNormalization(), apply(depthwise, relu6(wide))));
  const project = layers.conv2d({ filters: block.filters, kernelSize: 1, padding: "same" });
  const narrow = apply(layers.batchNormalization(), apply(project, seen));
  return x.shape.join() === narrow.shape.join() ? apply(layers.add(), x, narrow) : narrow;
}

/** Five convolutions and three dense layers, a sigmoid for each label. */
export function baseline(): tf.LayersModel {
  const model = tf.sequential();
  model.add(
    layers.conv2d({ filters: 4, kernelSize: 3, activation: "relu", inputShape: [32, 32, 1] }),
  );
  for (const filters of [6, 8, 8, 6]) {
    model.add(layers.conv2d({ filters, kernelSize: 3, padding: "same", activation: "relu" }));
    model.add(layers.maxPooling2d({ poolSize: 2, padding: filters === 8 ? "same" : "valid" }));
  }
  model.add(layers.flatten());
  model.add(layers.dense({ units: 12, activation: "relu" }));
  model.add(layers.dense({ units: 8, activation: "relu" }));
  model.add(layers.dense({ units: 2, activation: "sigmoid" }));
  return model;
}

/** Branches that meet in every way, pooling of odd sizes, rarer layers. */
export function branches(): tf.LayersModel {
  const input = tf.input({ shape: [21, 17, 3] });
  const shared = layers.conv2d({ filters: 6, kernelSize: 3, strides: 2, padding: "same" });
  const left = apply(layers.leakyReLU({ alpha: 0.1 }), apply(shared, input));
  const right = apply(layers.prelu({ sharedAxes: [1, 2] }), apply(shared, input));
  const sum = apply(layers.average(), apply(layers.multiply(), left, right), left);
  const most = apply(
    layers.maximum(),
    sum,
    apply(layers.activation({ activation: "tanh" }), right),
  );
  const joined = apply(layers.concatenate(), sum, most, apply(layers.elu(), left));
  const dilated = apply(
    layers.separableConv2d({ filters: 8, kernelSize: 3, dilationRate: 2, padding: "same" }),
    joined,
  );
  const pooled = apply(
    layers.averagePooling2d({ poolSize: 3, strides: 2, padding: "same" }),
    dilated,
  );
  const turned = apply(layers.permute({ dims: [2, 1, 3] }), pooled);
  const folded = apply(layers.reshape({ targetShape: [5, 6, 8] }), turned);
  const swished = apply(layers.activation({ activation: "swish" }), folded);
  const ends = [
    apply(layers.globalMaxPooling2d({}), swished),
    apply(layers.flatten(), apply(layers.maxPooling2d({ poolSize: 2, padding: "same" }), swished)),
  ];
  const logits = apply(layers.dense({ units: 4 }), apply(layers.concatenate(), ...ends));
  return tf.model({ inputs: input, outputs: apply(layers.softmax(), logits) });
}

/** Global average pooling and one dense layer: what class activation maps were made for. */
export function pooledClassifier(): tf.LayersModel {
  const model = tf.sequential();
  model.add(
    layers.conv2d({ filters: 5, kernelSize: 3, activation: "relu", inputShape: [24, 24, 3] }),
  );
  model.add(layers.batchNormalization());
  model.add(layers.globalAveragePooling2d({}));
  model.add(layers.dense({ units: 3, activation: "softmax" }));
  return model;
}

/** Two classifiers over shared features, which are given out too. */
export function twoOutputs(): tf.LayersModel {
  const input = tf.input({ shape: [20, 20, 3] });
  const features = apply(
    layers.conv2d({ filters: 5, kernelSize: 3, activation: "relu", name: "features" }),
    input,
  );
  const pooled = apply(layers.globalAveragePooling2d({}), features);
  const head = (units: number, name: string) =>
    apply(layers.dense({ units, activation: "softmax", name }), pooled);
  return tf.model({ inputs: input, outputs: [head(3, "first"), head(2, "second"), features] });
}

/** Holds a layer that has no counterpart. */
export function unconvertible(): tf.LayersModel {
  const model = tf.sequential();
  model.add(layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [16, 16, 3] }));
  model.add(layers.upSampling2d({ size: [2, 2] }));
  model.add(layers.globalAveragePooling2d({}));
  model.add(layers.dense({ units: 2, activation: "softmax" }));
  return model;
}
