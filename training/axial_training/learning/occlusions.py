"""What a finished classifier loses when places of its input are blanked: the examples that explainers are fitted to."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from axial_training.learning.normalisation import normalise, to_unit
from axial_training.package.golden import cpu_session

BATCH = 32
HOTTEST_SHARE = 0.1


@dataclass
class Occlusions:
    """Masks over N images and the log-odds that they cost. M grows as masks are added."""

    features: list[np.ndarray]  # float16 [N, C, h, w] per depth
    winner: np.ndarray  # int64 [N]
    masks: np.ndarray  # bool [N, M, grid, grid]
    losses: np.ndarray  # float32 [N, M, labels]: log-odds before less log-odds after


class OcclusionTeacher:
    """Computes what blanking costs. The classifier runs in ONNX Runtime, several times faster on a CPU than PyTorch."""

    def __init__(self, network: nn.Module, labels: int, images: np.ndarray, threads: int = 0):
        self.labels = labels
        self.images = images
        self.session = inference_session(network, images.shape[-1], threads)

    def run(self, images: np.ndarray, depths: bool) -> list[np.ndarray]:
        """Logits of uint8 images, and with `depths` the feature maps."""
        wanted = [output.name for output in self.session.get_outputs()][: None if depths else 1]
        return self.session.run(wanted, {"image": images})

    def first(self, grid: int, count: int, shares: tuple[float, float], random: np.random.Generator) -> Occlusions:
        """Feature maps of every image, and `count` random masks each."""
        parts = [self.run(batch, depths=True) for batch in batches(self.images)]
        logits, *features = (np.concatenate(column) for column in zip(*parts, strict=True))
        self.before = log_odds(logits[:, : self.labels])
        masks = np.stack([random_cells(count, grid, shares, random) for _ in self.images])
        halves = [level.astype(np.float16) for level in features]
        return Occlusions(halves, self.before.argmax(axis=1), masks, self.losses(masks))

    def extend(self, occlusions: Occlusions, masks: np.ndarray) -> None:
        """Add masks [N, m, grid, grid] and what they cost."""
        occlusions.masks = np.concatenate([occlusions.masks, masks], axis=1)
        occlusions.losses = np.concatenate([occlusions.losses, self.losses(masks)], axis=1)

    def losses(self, masks: np.ndarray) -> np.ndarray:
        """[N, m, labels]"""
        columns = []
        for column in range(masks.shape[1]):
            logits = [
                self.run(blank_cells(batch, masks[start : start + BATCH, column]), depths=False)[0]
                for start, batch in zip(range(0, len(masks), BATCH), batches(self.images), strict=True)
            ]
            columns.append(self.before - log_odds(np.concatenate(logits)[:, : self.labels]))
        return np.stack(columns, axis=1)


class BytesIn(nn.Module):
    """The classifier on bytes: logits, then its feature maps."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """uint8 [N, 1, S, S] → logits [N, K], maps of several depths."""
        logits, features = self.network.logits_and_features(normalise(to_unit(image)))
        return logits, *features


def inference_session(network: nn.Module, size: int, threads: int):
    """An ONNX Runtime session of `network` with outputs logits and feature maps."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "classifier.onnx"
        torch.onnx.export(
            BytesIn(network).eval(),
            (torch.zeros(2, 1, size, size, dtype=torch.uint8),),
            path,
            input_names=["image"],
            dynamic_shapes={"image": {0: torch.export.Dim("batch")}},
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        return cpu_session(path, threads)


def batches(images: np.ndarray) -> list[np.ndarray]:
    """Consecutive parts of at most BATCH images."""
    return [images[start : start + BATCH] for start in range(0, len(images), BATCH)]


def blank_cells(images: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """A copy of uint8 [N, 1, S, S] that is black where masks [N, grid, grid] are true."""
    grown = functional.interpolate(torch.from_numpy(masks)[:, None].float(), images.shape[-2:], mode="nearest")
    return images * (grown.numpy() == 0)


def log_odds(logits: np.ndarray) -> np.ndarray:
    """Log of p / (1 − p) for every label of a softmax over logits [N, K]."""
    tensor = torch.from_numpy(logits)
    count = tensor.shape[1]
    rivals = tensor.unsqueeze(1).expand(-1, count, -1).masked_fill(torch.eye(count, dtype=torch.bool), -torch.inf)
    return (tensor - rivals.logsumexp(2)).numpy()


def hottest_cells(maps: Tensor, winner: Tensor) -> Tensor:
    """True on the hottest tenth of the winner's map: [N, K, grid, grid] → [N, grid, grid]."""
    heat = maps[torch.arange(len(maps)), winner]
    count = max(1, int(heat[0].numel() * HOTTEST_SHARE))
    chosen = heat.flatten(1).topk(count).indices
    return torch.zeros_like(heat, dtype=torch.bool).flatten(1).scatter(1, chosen, True).view_as(heat)


def random_cells(count: int, grid: int, shares: tuple[float, float], random: np.random.Generator) -> np.ndarray:
    """[count, grid, grid], true on one to three random rectangles that cover a part of the image between `shares`."""
    masks = np.zeros((count, grid, grid), bool)
    for mask in masks:
        rectangles = int(random.integers(1, 4))
        share = random.uniform(*shares)
        for _ in range(rectangles):
            area = grid * grid * share / rectangles
            aspect = np.exp(random.uniform(-0.7, 0.7))
            height = int(np.clip(round(np.sqrt(area * aspect)), 1, grid))
            width = int(np.clip(round(np.sqrt(area / aspect)), 1, grid))
            top, left = random.integers(0, grid - height + 1), random.integers(0, grid - width + 1)
            mask[top : top + height, left : left + width] = True
    return masks
