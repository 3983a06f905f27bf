"""The distance as an output of the graph, so that every runtime computes it beside the probabilities."""

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper

from axial_training.domain.feature_model import FeatureModel
from axial_training.domain.layout_model import LARGEST, LayoutModel
from axial_training.domain.picture_features import (
    CELLS_OUTPUT,
    PREFIX,
    STATISTICS_OUTPUT,
    add_moments,
    add_picture_features,
    constant,
    node,
)

DISTANCE_OUTPUT = "domain_distance"
FEATURES_OUTPUT = "domain.features"
GAUSSIANS = {"features": FEATURES_OUTPUT, "statistics": STATISTICS_OUTPUT, "cells": CELLS_OUTPUT}


@dataclass(frozen=True)
class Fitted:
    """A Gaussian of one of GAUSSIANS, and the distance that is its limit."""

    model: FeatureModel
    limit: float


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


def with_features(model: onnx.ModelProto, taps: list[tuple[str, int, int]], size: int) -> onnx.ModelProto:
    """A copy with the outputs of GAUSSIANS: `domain.features` [N, D], every tapped map's mean and standard deviation, and
    those of `picture_features`."""
    described = without_domain(model)
    graph = described.graph
    moments = [add_moments(graph, name) for name, _, _ in taps]
    columns = [mean for mean, _ in moments] + [deviation for _, deviation in moments]
    graph.node.append(node("Concat", columns, FEATURES_OUTPUT, axis=1))
    count = 2 * sum(channels for _, channels, _ in taps)
    graph.output.append(helper.make_tensor_value_info(FEATURES_OUTPUT, TensorProto.FLOAT, ["batch", count]))
    add_picture_features(graph, size)
    return described


def with_distance(described: onnx.ModelProto, gaussians: dict[str, Fitted], layout: LayoutModel) -> onnx.ModelProto:
    """`described` (from `with_features`) with `domain_distance` [N] in the place of the features: the largest one of the
    Gaussians' distances in parts of their limits and of the layout's score."""
    finished = onnx.ModelProto()
    finished.CopyFrom(described)
    graph = finished.graph
    del graph.output[-len(GAUSSIANS) :]
    graph.initializer.extend([constant("zero", np.array(0, np.float32)), constant("axis", np.array([1], np.int64))])
    scores = [add_gaussian(graph, name, fitted) for name, fitted in gaussians.items()] + [add_layout(graph, layout)]
    graph.node.append(helper.make_node("Max", scores, [DISTANCE_OUTPUT], name=f"{PREFIX}largest"))
    graph.output.append(helper.make_tensor_value_info(DISTANCE_OUTPUT, TensorProto.FLOAT, ["batch"]))
    onnx.checker.check_model(finished, full_check=True)
    return finished


def add_gaussian(graph: onnx.GraphProto, name: str, fitted: Fitted) -> str:
    """The arithmetic of `FeatureModel.distances`, in parts of the limit."""
    at = f"{PREFIX}{name}.".__add__
    model = fitted.model
    values = {"mean": model.mean, "scale": model.scale, "directions": model.directions, "weights": model.weights}
    values |= {"rest": np.array(model.rest), "limit": np.array(fitted.limit)}
    graph.initializer.extend(constant(f"{name}.{key}", value.astype(np.float32)) for key, value in values.items())
    axis = f"{PREFIX}axis"
    graph.node.extend(
        [
            node("Sub", [GAUSSIANS[name], at("mean")], at("shifted")),
            node("Div", [at("shifted"), at("scale")], at("standard")),
            node("Mul", [at("standard"), at("standard")], at("standard.squared")),
            node("ReduceSum", [at("standard.squared"), axis], at("length"), keepdims=0),
            node("Mul", [at("length"), at("rest")], at("residual")),
            node("MatMul", [at("standard"), at("directions")], at("coordinates")),
            node("Mul", [at("coordinates"), at("coordinates")], at("coordinates.squared")),
            node("Mul", [at("coordinates.squared"), at("weights")], at("weighted")),
            node("ReduceSum", [at("weighted"), axis], at("explained"), keepdims=0),
            node("Add", [at("residual"), at("explained")], at("sum")),
            node("Max", [at("sum"), f"{PREFIX}zero"], at("positive")),
            node("Sqrt", [at("positive")], at("distance")),
            node("Div", [at("distance"), at("limit")], at("relative")),
        ]
    )
    return at("relative")


def add_layout(graph: onnx.GraphProto, layout: LayoutModel) -> str:
    """The arithmetic of `LayoutModel.scores`."""
    at = f"{PREFIX}layout.".__add__
    values = {"mean": layout.mean, "scale": layout.scale, "hidden": layout.hidden, "hidden.bias": layout.hidden_bias}
    values |= {"weights": layout.weights[:, None], "bias": np.array(layout.bias)}
    values |= {"least": np.array(-LARGEST), "most": np.array(LARGEST)}
    graph.initializer.extend(constant(f"layout.{key}", value.astype(np.float32)) for key, value in values.items())
    graph.node.extend(
        [
            node("Sub", [CELLS_OUTPUT, at("mean")], at("shifted")),
            node("Div", [at("shifted"), at("scale")], at("standard")),
            node("Clip", [at("standard"), at("least"), at("most")], at("clipped")),
            node("MatMul", [at("clipped"), at("hidden")], at("product")),
            node("Add", [at("product"), at("hidden.bias")], at("units")),
            node("Relu", [at("units")], at("active")),
            node("MatMul", [at("active"), at("weights")], at("column")),
            node("ReduceSum", [at("column"), f"{PREFIX}axis"], at("total"), keepdims=0),
            node("Add", [at("total"), at("bias")], at("score")),
        ]
    )
    return at("score")
