"""A package's weights as PyTorch names them: what `small_storage` stored, widened again."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

NETWORK, EXPLAINER = "network.", "explainer."
ORIGIN_FILE = "unpacked-from.txt"


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


def unpack_package(package: Path, run: Path) -> None:
    """Make `run` what training would have left of a package's weights: best.pt, explainer.pt and where they are from."""
    run.mkdir(parents=True, exist_ok=True)
    weights = package / "weights.onnx"
    torch.save(unpacked(weights, NETWORK), run / "best.pt")
    torch.save(unpacked(weights, EXPLAINER), run / "explainer.pt")
    (run / ORIGIN_FILE).write_text(f"{package.parent.name} {package.name}")


def origin_of(run: Path) -> str:
    """The package that a run's weights were unpacked from, such as "knee-oa-kl-cnn 1.0.0"; empty where they were trained."""
    path = run / ORIGIN_FILE
    return path.read_text() if path.exists() else ""
