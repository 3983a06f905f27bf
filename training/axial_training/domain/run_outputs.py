"""Outputs of a graph for many images."""

import numpy as np
import onnx
import onnxruntime

from axial_training.domain.feature_taps import nodes_before

BATCH = 16


def run_graph(model: onnx.ModelProto, output: str, images: np.ndarray) -> np.ndarray:
    """One output for all images."""
    return run_outputs(model, [output], images)[0]


def run_outputs(model: onnx.ModelProto, outputs: list[str], images: np.ndarray) -> list[np.ndarray]:
    """Some outputs for all images."""
    session = session_of(part_of(model, outputs))
    name = session.get_inputs()[0].name
    parts = [session.run(outputs, {name: images[i : i + BATCH]}) for i in range(0, len(images), BATCH)]
    return [np.concatenate(columns) for columns in zip(*parts, strict=True)]


def part_of(model: onnx.ModelProto, outputs: list[str]) -> onnx.ModelProto:
    """A copy without the nodes that `outputs` do not need. ONNX Runtime's own option for that runs every node before the
    last one that is needed."""
    part = onnx.ModelProto()
    part.CopyFrom(model)
    graph = part.graph
    nodes = nodes_before(graph, outputs)
    read = {name for node in nodes for name in node.input}
    for items, kept in (
        (graph.node, nodes),
        (graph.initializer, [one for one in graph.initializer if one.name in read]),
        (graph.output, [one for one in graph.output if one.name in outputs]),
    ):
        copies = [type(one).FromString(one.SerializeToString()) for one in kept]
        del items[:]
        items.extend(copies)
    return part


def session_of(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    """On one thread: the others are busy too."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
