"""The tiny test model's network a second time, for TensorFlow.js: the same layers, weights, input and outputs."""

import base64
import json
from pathlib import Path

import numpy as np


def write_tfjs_twin(path: Path, size: int, weights: dict[str, np.ndarray]) -> None:
    """Write a layers model as the engine's TensorFlow.js packages hold it; `weights` in ONNX's axis order."""
    stored = {
        "first/kernel": weights["first.weight"].transpose(2, 3, 1, 0),
        "second/depthwise_kernel": weights["second.weight"].transpose(2, 3, 0, 1),
        "class/kernel": weights["class.weight"].transpose(2, 3, 1, 0),
        "class/bias": weights["class.bias"],
    }
    data = b"".join(np.ascontiguousarray(value, "<f4").tobytes() for value in stored.values())
    document = {
        "format": "layers-model",
        "modelTopology": {"class_name": "Functional", "config": topology(size)},
        "weightSpecs": [{"name": k, "shape": list(v.shape), "dtype": "float32"} for k, v in stored.items()],
        "weightData": base64.b64encode(data).decode(),
    }
    path.write_text(json.dumps(document) + "\n")


def topology(size: int) -> dict:
    """Bytes [1, size, size] → `probabilities` [3] and `cam` [3, size / 4, size / 4]."""
    convolution = {"kernel_size": [3, 3], "strides": [2, 2], "padding": "valid", "use_bias": False}
    layers = [
        layer("InputLayer", "image", None, batch_input_shape=[None, 1, size, size], dtype="float32"),
        layer("Reshape", "channels_last", "image", target_shape=[size, size, 1]),
        layer("Rescaling", "unit", "channels_last", scale=1 / 255, offset=0.0),
        layer("ZeroPadding2D", "first_pad", "unit", padding=[[1, 1], [1, 1]]),
        layer("Conv2D", "first", "first_pad", filters=8, activation="relu", **convolution),
        layer("ZeroPadding2D", "second_pad", "first", padding=[[1, 1], [1, 1]]),
        layer("DepthwiseConv2D", "second", "second_pad", depth_multiplier=1, activation="relu", **convolution),
        layer("Conv2D", "class", "second", filters=3, kernel_size=[1, 1]),
        layer("Permute", "cam", "class", dims=[3, 1, 2]),
        layer("GlobalAveragePooling2D", "logits", "class"),
        layer("Activation", "probabilities", "logits", activation="softmax"),
    ]
    outputs = [["probabilities", 0, 0], ["cam", 0, 0]]
    return {"name": "tiny-brain", "layers": layers, "input_layers": [["image", 0, 0]], "output_layers": outputs}


def layer(class_name: str, name: str, source: str | None, **config) -> dict:
    inbound = [] if source is None else [[[source, 0, 0, {}]]]
    return {"class_name": class_name, "name": name, "config": {"name": name, **config}, "inbound_nodes": inbound}
