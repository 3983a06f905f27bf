"""The distance as an output of the graph, so that every runtime computes it beside the probabilities."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from axial_training.domain.feature_model import FeatureModel
from axial_training.domain.layout_model import LARGEST, LayoutModel

DISTANCE_OUTPUT = "domain_distance"
FEATURES_OUTPUT = "domain.features"
LAYOUT_OUTPUT = "domain.layout"
LAYOUT_CELLS = 4  # per side: where in the image the maps' means are taken
LAYOUT_SIDE = 12  # the tapped map whose side is nearest to this says how an image lies
PREFIX = "domain."


def without_domain(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy without what an earlier call added."""
    plain = onnx.ModelProto()
    plain.CopyFrom(model)
    graph = plain.graph
    for part in (graph.node, graph.initializer, graph.output):
        kept = [item for item in part if not item.name.startswith((PREFIX, DISTANCE_OUTPUT))]
        del part[:]
        part.extend(kept)
    return plain


def with_features(model: onnx.ModelProto, taps: list[tuple[str, int, int]]) -> onnx.ModelProto:
    """A copy with the outputs `domain.features` [N, D], every tapped map's means, then every one's standard deviations, and
    `domain.layout` [N, E], one map's means in a few cells, which say where things are."""
    described = without_domain(model)
    graph = described.graph
    means, deviations = [], []
    for index, (name, _, _) in enumerate(taps):
        tap = f"{PREFIX}{index}"
        graph.node.extend(
            [
                node("GlobalAveragePool", [name], f"{tap}.centre"),
                node("Flatten", [f"{tap}.centre"], f"{tap}.mean", axis=1),
                node("Sub", [name, f"{tap}.centre"], f"{tap}.centred"),
                node("Mul", [f"{tap}.centred", f"{tap}.centred"], f"{tap}.squared"),
                node("GlobalAveragePool", [f"{tap}.squared"], f"{tap}.variance"),
                node("Sqrt", [f"{tap}.variance"], f"{tap}.spread"),
                node("Flatten", [f"{tap}.spread"], f"{tap}.deviation", axis=1),
            ]
        )
        means.append(f"{tap}.mean")
        deviations.append(f"{tap}.deviation")
    graph.node.append(node("Concat", [*means, *deviations], FEATURES_OUTPUT, axis=1))
    size = 2 * sum(channels for _, channels, _ in taps)
    graph.output.append(helper.make_tensor_value_info(FEATURES_OUTPUT, TensorProto.FLOAT, ["batch", size]))
    name, _, side = min(taps, key=lambda tap: abs(tap[2] - LAYOUT_SIDE))
    cell = max(1, side // LAYOUT_CELLS)
    graph.node.extend(
        [
            node("AveragePool", [name], f"{PREFIX}cells", kernel_shape=[cell, cell], strides=[cell, cell]),
            node("Flatten", [f"{PREFIX}cells"], LAYOUT_OUTPUT, axis=1),
        ]
    )
    graph.output.append(helper.make_tensor_value_info(LAYOUT_OUTPUT, TensorProto.FLOAT, ["batch", "cells"]))
    return described


def with_distance(described: onnx.ModelProto, fitted: FeatureModel, limit: float, layout: LayoutModel) -> onnx.ModelProto:
    """`described` (from `with_features`) with `domain_distance` [N] in the place of the features: the larger one of the
    features' distance in parts of `limit` and the layout's score."""
    finished = onnx.ModelProto()
    finished.CopyFrom(described)
    graph = finished.graph
    del graph.output[-2:]
    graph.initializer.extend(
        [
            constant("limit", np.array(limit, np.float32)),
            constant("layout.mean", layout.mean.astype(np.float32)),
            constant("layout.scale", layout.scale.astype(np.float32)),
            constant("layout.weights", layout.weights[:, None].astype(np.float32)),
            constant("layout.bias", np.array(layout.bias, np.float32)),
            constant("layout.least", np.array(-LARGEST, np.float32)),
            constant("layout.most", np.array(LARGEST, np.float32)),
            constant("mean", fitted.mean.astype(np.float32)),
            constant("scale", fitted.scale.astype(np.float32)),
            constant("directions", fitted.directions.astype(np.float32)),
            constant("weights", fitted.weights.astype(np.float32)),
            constant("rest", np.array(fitted.rest, np.float32)),
            constant("zero", np.array(0, np.float32)),
            constant("features.axis", np.array([1], np.int64)),
        ]
    )
    graph.node.extend(distance_nodes())
    graph.output.append(helper.make_tensor_value_info(DISTANCE_OUTPUT, TensorProto.FLOAT, ["batch"]))
    onnx.checker.check_model(finished, full_check=True)
    return finished


def distance_nodes() -> list[onnx.NodeProto]:
    """The arithmetic of `FeatureModel.distances` and `LayoutModel.scores`."""
    at = PREFIX.__add__
    total = [at("features.axis")]
    return [
        node("Sub", [FEATURES_OUTPUT, at("mean")], at("shifted")),
        node("Div", [at("shifted"), at("scale")], at("standard")),
        node("Mul", [at("standard"), at("standard")], at("standard.squared")),
        node("ReduceSum", [at("standard.squared"), *total], at("length"), keepdims=0),
        node("Mul", [at("length"), at("rest")], at("residual")),
        node("MatMul", [at("standard"), at("directions")], at("coordinates")),
        node("Mul", [at("coordinates"), at("coordinates")], at("coordinates.squared")),
        node("Mul", [at("coordinates.squared"), at("weights")], at("weighted")),
        node("ReduceSum", [at("weighted"), *total], at("explained"), keepdims=0),
        node("Add", [at("residual"), at("explained")], at("sum")),
        node("Max", [at("sum"), at("zero")], at("positive")),
        node("Sqrt", [at("positive")], at("distance")),
        node("Div", [at("distance"), at("limit")], at("relative")),
        node("Sub", [LAYOUT_OUTPUT, at("layout.mean")], at("layout.shifted")),
        node("Div", [at("layout.shifted"), at("layout.scale")], at("layout.standard")),
        node("Clip", [at("layout.standard"), at("layout.least"), at("layout.most")], at("layout.clipped")),
        node("MatMul", [at("layout.clipped"), at("layout.weights")], at("layout.column")),
        node("ReduceSum", [at("layout.column"), *total], at("layout.sum"), keepdims=0),
        node("Add", [at("layout.sum"), at("layout.bias")], at("layout.score")),
        helper.make_node("Max", [at("relative"), at("layout.score")], [DISTANCE_OUTPUT], name=at("larger")),
    ]


def node(kind: str, inputs: list[str], output: str, **attributes) -> onnx.NodeProto:
    """A node that bears its output's name."""
    return helper.make_node(kind, inputs, [output], name=output, **attributes)


def constant(name: str, value: np.ndarray) -> onnx.TensorProto:
    """An initializer with the prefix."""
    return numpy_helper.from_array(value, f"{PREFIX}{name}")
