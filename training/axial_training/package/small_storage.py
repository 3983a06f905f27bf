"""Weights stored in fewer bits, with float32 arithmetic.

A large float32 initializer becomes a smaller one and the nodes that widen it again. ONNX Runtime folds those nodes when it
loads the graph, so only the file gets smaller.
"""

from collections.abc import Callable

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SMALLEST_STORED_SMALL = 10_000  # elements; biases and depthwise filters are few, matter much and stay exact
LARGEST_HALF = float(np.finfo(np.float16).max)
LARGEST_INT8 = 127
Parts = tuple[list[onnx.TensorProto], list[onnx.NodeProto]]


def store_weights_as_float16(model: onnx.ModelProto, smallest: int = SMALLEST_STORED_SMALL) -> onnx.ModelProto:
    """A copy of `model` whose float32 weights of `smallest` elements and more are stored as float16."""
    return stored_small(model, smallest, as_float16)


def store_weights_as_int8(model: onnx.ModelProto, smallest: int = SMALLEST_STORED_SMALL) -> onnx.ModelProto:
    """A copy of `model` whose float32 weights of `smallest` elements and more are stored as int8 with one scale per
    output channel (the first axis)."""
    return stored_small(model, smallest, as_int8)


STORAGES = {"float16": store_weights_as_float16, "int8": store_weights_as_int8}


def stored_small(model: onnx.ModelProto, smallest: int, convert: Callable[[str, np.ndarray], Parts]) -> onnx.ModelProto:
    """A copy of `model` with its large weights converted."""
    stored = onnx.ModelProto()
    stored.CopyFrom(model)
    initializers, widening = [], []
    for initializer in stored.graph.initializer:
        if not _worth_it(initializer, smallest):
            initializers.append(initializer)
            continue
        tensors, nodes = convert(initializer.name, numpy_helper.to_array(initializer))
        initializers += tensors
        widening += nodes
    nodes = widening + list(stored.graph.node)
    initializers = [copy_of(tensor) for tensor in initializers]
    del stored.graph.node[:], stored.graph.initializer[:]
    stored.graph.node.extend(nodes)
    stored.graph.initializer.extend(initializers)
    return stored


def as_float16(name: str, values: np.ndarray) -> Parts:
    """One tensor and its Cast."""
    half = f"{name}.float16"
    cast = helper.make_node("Cast", [half], [name], f"{name}.widen", to=TensorProto.FLOAT)
    return [numpy_helper.from_array(values.astype(np.float16), half)], [cast]


def as_int8(name: str, values: np.ndarray) -> Parts:
    """Bytes and scales, Cast and Mul. DequantizeLinear would say the same, but is not folded when the graph is loaded."""
    small, scale, wide = f"{name}.int8", f"{name}.scale", f"{name}.float32"
    scales = np.abs(values).reshape(len(values), -1).max(axis=1) / LARGEST_INT8
    scales = np.where(scales == 0, 1, scales).astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
    rounded = np.rint(values / scales).clip(-LARGEST_INT8, LARGEST_INT8).astype(np.int8)
    nodes = [
        helper.make_node("Cast", [small], [wide], f"{name}.widen", to=TensorProto.FLOAT),
        helper.make_node("Mul", [wide, scale], [name], f"{name}.rescale"),
    ]
    return [numpy_helper.from_array(rounded, small), numpy_helper.from_array(scales, scale)], nodes


def copy_of(tensor: onnx.TensorProto) -> onnx.TensorProto:
    """A tensor that outlives the graph it came from."""
    copied = onnx.TensorProto()
    copied.CopyFrom(tensor)
    return copied


def _worth_it(initializer: onnx.TensorProto, smallest: int) -> bool:
    if initializer.data_type != TensorProto.FLOAT:
        return False
    values = numpy_helper.to_array(initializer)
    return values.size >= smallest and float(np.abs(values).max()) <= LARGEST_HALF
