"""Which feature maps of an exported graph describe an image."""

import onnx

MERGES = ("Add", "Concat")  # where the branches of a block meet
ACTIVATIONS = ("Relu", "Clip")
SMALLEST_SHRINKAGE = 4  # of the input's side: larger maps cost time and tell little more
MOST_CHANNELS = 512  # wider maps would need a larger fit than there are images


def feature_taps(model: onnx.ModelProto, heads: list[str], size: int) -> list[tuple[str, int, int]]:
    """Names, channels and sides of one map per resolution up to a quarter of the input's, in the graph's order.

    It is the last map of that resolution on the way to the heads that is not too wide: where blocks end in a sum or a
    concatenation that one, else an activation.
    """
    shapes = {info.name: dimensions(info) for info in onnx.shape_inference.infer_shapes(model).graph.value_info}
    found: dict[tuple[str, int], tuple[str, int]] = {}
    for node in nodes_before(model.graph, heads):
        kind = "merge" if node.op_type in MERGES else "activation" if node.op_type in ACTIVATIONS else None
        shape = shapes.get(node.output[0], ())
        if kind and len(shape) == 4 and 1 < shape[2] <= size // SMALLEST_SHRINKAGE and shape[1] <= MOST_CHANNELS:
            found[kind, shape[2]] = (node.output[0], shape[1])
    sides = sorted({side for _, side in found}, reverse=True)
    return [(*(found.get(("merge", side)) or found["activation", side]), side) for side in sides]


def nodes_before(graph: onnx.GraphProto, outputs: list[str]) -> list[onnx.NodeProto]:
    """The nodes that `outputs` are computed by, in the graph's order."""
    needed, before = set(outputs), []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            before.append(node)
    return before[::-1]


def dimensions(info: onnx.ValueInfoProto) -> tuple[int, ...]:
    """Sizes; 0 where one is free."""
    return tuple(dimension.dim_value for dimension in info.type.tensor_type.shape.dim)
