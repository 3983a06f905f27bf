"""A package's weights as PyTorch names them: what `small_storage` stored, widened again."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

NETWORK, EXPLAINER = "network.", "explainer."


def unpacked(weights: Path, prefix: str) -> dict[str, Tensor]:
    """Name without `prefix` → float32 tensor, of every initializer below `prefix` in the graph."""
    arrays = {initializer.name: numpy_helper.to_array(initializer) for initializer in onnx.load(weights).graph.initializer}
    found: dict[str, Tensor] = {}
    for name, values in arrays.items():
        if name.startswith(prefix) and not name.endswith(".scale"):
            plain = name.removesuffix(".float16").removesuffix(".int8")
            scale = arrays.get(f"{plain}.scale", np.float32(1)) if name.endswith(".int8") else np.float32(1)
            found[plain.removeprefix(prefix)] = torch.from_numpy((values.astype(np.float32) * scale).copy())
    return found
