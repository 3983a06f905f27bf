"""What a picture looks like by itself, whatever a network sees in it: grey values and edges by their direction.

Part of the exported graph, so that every runtime computes it beside the probabilities.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

PREFIX = "domain."
STATISTICS_OUTPUT = "domain.statistics"
CELLS_OUTPUT = "domain.cells"
SCALES = (1, 2, 4, 8)  # pixels averaged for one
CELLS_SCALE = 64  # pixels of the picture's side from which edges are taken for the cells, about
CELLS = 8  # per side
SOBEL = np.array(
    [
        [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
        [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
        [[0, 1, 2], [-1, 0, 1], [-2, -1, 0]],
        [[2, 1, 0], [1, 0, -1], [0, -1, -2]],
    ],
    np.float32,
)
DIRECTIONS = np.concatenate([SOBEL, -SOBEL])[:, None] / 4  # [8, 1, 3, 3]


def add_picture_features(graph: onnx.GraphProto, size: int) -> None:
    """Outputs `domain.statistics` [N, 66], means and standard deviations of edges at several scales and of the grey values,
    and `domain.cells` [N, 576], the mean edges and grey values of 8×8 cells, for square images of `size` pixels."""
    graph.initializer.extend([constant("directions8", DIRECTIONS), constant("unit", np.array(1 / 255, np.float32))])
    graph.node.extend(
        [
            helper.make_node("Cast", [graph.input[0].name], [f"{PREFIX}bytes"], f"{PREFIX}bytes", to=TensorProto.FLOAT),
            node("Mul", [f"{PREFIX}bytes", f"{PREFIX}unit"], f"{PREFIX}picture"),
        ]
    )
    statistics = []
    for scale in SCALES:
        edges = add_edges(graph, scale)
        statistics += [root(graph, mean) for mean in add_moments(graph, edges)]
    statistics += add_moments(graph, f"{PREFIX}picture")
    graph.node.append(node("Concat", statistics, STATISTICS_OUTPUT, axis=1))
    scale = max(1, size // CELLS_SCALE)
    side = size // scale
    coarse = add_edges(graph, scale) if scale not in SCALES else f"{PREFIX}edges{scale}"
    grey = f"{PREFIX}grey{scale}"
    cell = max(1, side // CELLS)
    graph.node.extend(
        [
            pooled(coarse, f"{PREFIX}pooled.strength", cell),
            node("Sqrt", [f"{PREFIX}pooled.strength"], f"{PREFIX}pooled.edges"),
            pooled(grey, f"{PREFIX}pooled.grey", cell),
            node("Concat", [f"{PREFIX}pooled.edges", f"{PREFIX}pooled.grey"], f"{PREFIX}pooled.both", axis=1),
            node("Flatten", [f"{PREFIX}pooled.both"], CELLS_OUTPUT, axis=1),
        ]
    )
    count = 2 * len(DIRECTIONS) * len(SCALES) + 2
    graph.output.append(helper.make_tensor_value_info(STATISTICS_OUTPUT, TensorProto.FLOAT, ["batch", count]))
    graph.output.append(helper.make_tensor_value_info(CELLS_OUTPUT, TensorProto.FLOAT, ["batch", "cells"]))


def add_edges(graph: onnx.GraphProto, scale: int) -> str:
    """Edges of the picture in eight directions, `scale` pixels averaged for one: the name of [N, 8, S/scale, S/scale]."""
    graph.node.extend(
        [
            pooled(f"{PREFIX}picture", f"{PREFIX}grey{scale}", scale),
            node("Conv", [f"{PREFIX}grey{scale}", f"{PREFIX}directions8"], f"{PREFIX}slopes{scale}", pads=[1, 1, 1, 1]),
            node("Relu", [f"{PREFIX}slopes{scale}"], f"{PREFIX}edges{scale}"),
        ]
    )
    return f"{PREFIX}edges{scale}"


def add_moments(graph: onnx.GraphProto, maps: str) -> list[str]:
    """Mean and standard deviation of every map [N, C, h, w]: the names of two [N, C]."""
    tap = f"{PREFIX}of.{maps}"
    graph.node.extend(
        [
            node("GlobalAveragePool", [maps], f"{tap}.centre"),
            node("Flatten", [f"{tap}.centre"], f"{tap}.mean", axis=1),
            node("Sub", [maps, f"{tap}.centre"], f"{tap}.centred"),
            node("Mul", [f"{tap}.centred", f"{tap}.centred"], f"{tap}.squared"),
            node("GlobalAveragePool", [f"{tap}.squared"], f"{tap}.variance"),
            node("Sqrt", [f"{tap}.variance"], f"{tap}.spread"),
            node("Flatten", [f"{tap}.spread"], f"{tap}.deviation", axis=1),
        ]
    )
    return [f"{tap}.mean", f"{tap}.deviation"]


def root(graph: onnx.GraphProto, name: str) -> str:
    """The square root, which is less skewed than an edge's strength."""
    graph.node.append(node("Sqrt", [name], f"{name}.root"))
    return f"{name}.root"


def pooled(name: str, output: str, side: int) -> onnx.NodeProto:
    """Means of squares of `side` pixels."""
    return node("AveragePool", [name], output, kernel_shape=[side, side], strides=[side, side])


def node(kind: str, inputs: list[str], output: str, **attributes) -> onnx.NodeProto:
    """A node that bears its output's name."""
    return helper.make_node(kind, inputs, [output], name=output, **attributes)


def constant(name: str, value: np.ndarray) -> onnx.TensorProto:
    """An initializer with the prefix."""
    return numpy_helper.from_array(value, f"{PREFIX}{name}")
