"""A package's weights as PyTorch names them: what `small_storage` stored, widened again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from axial_training.families.family import Family

NETWORK, EXPLAINER = "network.", "explainer."
FOLDED = ".0.weight_bias"  # of a sequence of convolution and batch norm
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


def unpack_package(package: Path, network: nn.Module, run: Path) -> None:
    """Make `run` what training would have left of a package's weights: best.pt, explainer.pt and where they are from.

    `network` is as training starts: the exporter keeps one of several equal tensors, which are the start weights that two
    members of an ensemble have in common and left as they were.
    """
    run.mkdir(parents=True, exist_ok=True)
    weights = package / "weights.onnx"
    missing = network.load_state_dict(with_norms(network, unpacked(weights, NETWORK)), strict=False)
    if missing.unexpected_keys:
        raise ValueError(f"{package} is of another network: {', '.join(missing.unexpected_keys[:3])}")
    torch.save(network.state_dict(), run / "best.pt")
    torch.save(unpacked(weights, EXPLAINER), run / "explainer.pt")
    (run / ORIGIN_FILE).write_text(f"{package.parent.name} {package.name}")


def started_from(family: Family, package: Path) -> Family:
    """The family whose training starts from a package's weights; an ensemble's members from theirs."""

    def build(data: Path) -> nn.Module:
        network = family.build(data)
        network.load_state_dict(with_norms(network, unpacked(package / "weights.onnx", NETWORK)), strict=False)
        return network

    members = tuple(
        replace(member, build=lambda data, index=index: build(data).members[index])
        for index, member in enumerate(family.members)
    )
    return replace(family, build=build, members=members)


def with_norms(network: nn.Module, stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """`stored` with batch norms again, where the exporter folded them into the convolutions before: they add the folded
    bias and do nothing else."""
    modules, found = dict(network.named_modules()), {}
    for name, values in stored.items():
        norm = f"{name.removesuffix(FOLDED)}.1"
        if not name.endswith(FOLDED) or norm not in modules:
            found[name] = values
            continue
        one = torch.ones_like(values)
        found |= {
            f"{norm}.weight": one,
            f"{norm}.bias": values,
            f"{norm}.running_mean": torch.zeros_like(values),
            f"{norm}.running_var": one - modules[norm].eps,
        }
    return found


def origin_of(run: Path) -> str:
    """The package that a run's weights were unpacked from, such as "knee-oa-kl-cnn 1.0.0"; empty where they were trained."""
    path = run / ORIGIN_FILE
    return path.read_text() if path.exists() else ""
