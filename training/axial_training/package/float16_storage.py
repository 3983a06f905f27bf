"""Float16 weight storage with float32 arithmetic.

Every large float32 initializer becomes a float16 initializer followed by a Cast to float32.
ONNX Runtime folds the Cast when it loads the graph, so only the file gets smaller.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SMALLEST_STORED_IN_HALF = 10_000  # elements; biases and depthwise filters are few, matter much and stay exact
LARGEST_HALF = float(np.finfo(np.float16).max)


def store_weights_as_float16(model: onnx.ModelProto, smallest: int = SMALLEST_STORED_IN_HALF) -> onnx.ModelProto:
    """Return a copy of `model` whose float32 weights of `smallest` elements and more are stored as float16."""
    stored = onnx.ModelProto()
    stored.CopyFrom(model)
    graph = stored.graph
    casts = []
    for index, initializer in enumerate(graph.initializer):
        if not _worth_halving(initializer, smallest):
            continue
        name = initializer.name
        half = numpy_helper.to_array(initializer).astype(np.float16)
        half_name = f"{name}.float16"
        graph.initializer[index].CopyFrom(numpy_helper.from_array(half, half_name))
        casts.append(helper.make_node("Cast", [half_name], [name], f"{name}.widen", to=TensorProto.FLOAT))
    nodes = casts + list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)
    return stored


def _worth_halving(initializer: onnx.TensorProto, smallest: int) -> bool:
    if initializer.data_type != TensorProto.FLOAT:
        return False
    values = numpy_helper.to_array(initializer)
    return values.size >= smallest and float(np.abs(values).max()) <= LARGEST_HALF
