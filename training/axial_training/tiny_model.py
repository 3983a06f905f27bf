"""A model package of a few kilobytes for tests: it tells bright, dark and textured images apart.

It is not trained. Its filters are fixed, so that every run of this script writes the same bytes.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from axial_training.package.golden import write_golden
from axial_training.package.golden_patterns import ellipses, noise
from axial_training.package.manifest import WEIGHTS_FILE, write_manifest
from axial_training.package.small_storage import store_weights_as_float16
from axial_training.tiny_tfjs import write_tfjs_twin

SIZE = 32
TFJS_FILE = "weights.tfjs.json"
TEXTURE_FILTERS = 6
LABELS = ("bright", "dark", "textured")


def write_tiny_model(folder: Path) -> None:
    """Write the whole package to `folder`, and beside its weights the same network for TensorFlow.js."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / WEIGHTS_FILE
    onnx.save(store_weights_as_float16(tiny_graph(), smallest=64), weights)
    stored = {i.name: numpy_helper.to_array(i) for i in tiny_graph().graph.initializer}
    halved = {k: v.astype(np.float16).astype(np.float32) for k, v in stored.items()}
    write_tfjs_twin(folder / TFJS_FILE, SIZE, halved)
    write_golden(weights, folder / "golden.json", tiny_inputs(), ["probabilities"])
    write_manifest(folder, tiny_manifest())
    (folder / "CARD.md").write_text(CARD)


def tiny_graph() -> onnx.ModelProto:
    """uint8 [N, 1, 32, 32] → `probabilities` [N, 3] and `cam` [N, 3, 8, 8]."""
    weights = {
        "scale": np.float32(1 / 255),
        "first.weight": first_filters(),
        "second.weight": second_filters(),
        "class.weight": class_weights(),
        "class.bias": np.array([-4.0, 4.0, -1.0], np.float32),
    }
    nodes = [
        helper.make_node("Cast", ["image"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["float", "scale"], ["unit"]),
        helper.make_node("Conv", ["unit", "first.weight"], ["first"], pads=[1] * 4, strides=[2, 2]),
        helper.make_node("Relu", ["first"], ["first.relu"]),
        helper.make_node("Conv", ["first.relu", "second.weight"], ["second"], pads=[1] * 4, strides=[2, 2], group=8),
        helper.make_node("Relu", ["second"], ["features"]),
        helper.make_node("Conv", ["features", "class.weight", "class.bias"], ["cam"]),
        helper.make_node("ReduceMean", ["cam"], ["logits"], axes=[2, 3], keepdims=0),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny-brain",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", 1, SIZE, SIZE])],
        [
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", len(LABELS)]),
            helper.make_tensor_value_info("cam", TensorProto.FLOAT, ["batch", len(LABELS), SIZE // 4, SIZE // 4]),
        ],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


def first_filters() -> np.ndarray:
    """[8, 1, 3, 3]: two box filters, then zero-mean seeded texture filters."""
    box = np.full((2, 1, 3, 3), 1 / 9)
    texture = np.random.default_rng(1).normal(size=(TEXTURE_FILTERS, 1, 3, 3))
    texture -= texture.mean(axis=(2, 3), keepdims=True)
    texture /= np.abs(texture).sum(axis=(2, 3), keepdims=True)
    return np.concatenate([box, texture]).astype(np.float32)


def second_filters() -> np.ndarray:
    """[8, 1, 3, 3]: every channel is smoothed."""
    return np.full((2 + TEXTURE_FILTERS, 1, 3, 3), 1 / 9, np.float32)


def class_weights() -> np.ndarray:
    """[3, 8, 1, 1]: brightness for the first label, its absence for the second, texture for the third."""
    weights = np.zeros((len(LABELS), 2 + TEXTURE_FILTERS, 1, 1), np.float32)
    weights[0, :2] = 6.0
    weights[1, :2] = -9.0
    weights[2, 2:] = 12.0
    return weights


def tiny_inputs() -> dict[str, np.ndarray]:
    """Three generated images [1, 1, 32, 32], one for each label."""
    images = {
        "dark with ellipses": ellipses(SIZE, SIZE) // 4,
        "bright": np.full((SIZE, SIZE), 230, np.uint8),
        "noise": noise(SIZE, SIZE),
    }
    return {name: image[None, None] for name, image in images.items()}


def tiny_manifest() -> dict:
    """The manifest without checksum and size."""
    return {
        "id": "tiny-brain",
        "version": "1.0.0",
        "title": "Test model: bright, dark or textured image",
        "evidence": "research",
        "intendedUse": "Tests of the pipeline. It knows nothing of anatomy or disease.",
        "licence": {"weights": "Apache-2.0, made by hand", "data": "none"},
        "input": {"name": "image", "dtype": "uint8", "layout": "NCHW", "channels": 1, "height": SIZE, "width": SIZE},
        "preprocessing": {
            "intensity": {"kind": "percentiles", "low": 0.5, "high": 99.5},
            "invertMonochrome1": True,
            "resize": {"policy": "letterbox", "filter": "triangle"},
            "channels": "grey",
        },
        "slices": {"kind": "central", "count": 4},
        "selector": {
            "modality": ["MR"],
            "bodyPart": {
                "anyOf": ["BRAIN", "HEAD"],
                "words": ["brain", "head", "cranial", "neuro"],
                "whenMissing": "refuse",
            },
            "plane": {"anyOf": ["axial", "coronal", "sagittal"], "maxObliquityDegrees": 30, "whenMissing": "accept"},
            "sequence": {"anyOf": [], "whenMissing": "accept"},
            "minimumSlices": 1,
        },
        "heads": [
            {
                "name": "appearance",
                "output": "probabilities",
                "kind": "softmax",
                "ordinal": False,
                "labels": [{"id": label, "display": f"{label.capitalize()} image"} for label in LABELS],
            }
        ],
        "aggregation": {"kind": "mean"},
        "explanation": {"method": "cam", "output": "cam"},
        "metrics": {"data": "none: the model is not trained", "values": {}},
    }


CARD = """# tiny-brain 1.0.0

A test model. Fixed filters tell bright, dark and textured images apart; it is not trained and knows nothing of
anatomy or disease. `weights.tfjs.json` is the same network for TensorFlow.js. Written by
`python -m axial_training tiny --out libs/testkit/models/tiny-brain/1.0.0`.
"""
