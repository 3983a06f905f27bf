"""Augmented copies of the training images, kept as the maps of a network's early layers, which stay as they are.

Most of a small network's time goes into its early layers, and they are the ones that pictures of anything can lend. Where
they are frozen, their maps of some augmented copies of every image need be computed once only.
"""

import numpy as np
import torch
from torch import Tensor, nn

from axial_training.learning.augmentation import Augmentation, augment
from axial_training.learning.normalisation import normalise, to_unit

BATCH = 32


class EarlyMaps:
    """Up to `copies` augmented copies of each of the uint8 images [N, 1, S, S], as float16 maps in one block of memory: kept
    one by one between a step's short-lived arrays they would scatter it."""

    def __init__(
        self, network: nn.Module, images: np.ndarray, copies: int, ranges: Augmentation, generator: torch.Generator
    ):
        self.network = network
        self.images = images
        self.copies = copies
        self.ranges = ranges
        self.generator = generator
        shape = early_maps(network, normalise(to_unit(torch.from_numpy(images[:1])))).shape[1:]
        self.kept = np.empty((len(images), copies, *shape), np.float16)
        self.counts = np.zeros(len(images), int)

    def batch(self, rows: np.ndarray, random: np.random.Generator) -> Tensor:
        """Maps of the images `rows`, each once: a new copy of those that have too few, any that was kept of the others."""
        lacking = rows[self.counts[rows] < self.copies]
        if len(lacking):
            shown = augment(to_unit(torch.from_numpy(self.images[lacking])), self.ranges, self.generator)
            self.kept[lacking, self.counts[lacking]] = early_maps(self.network, normalise(shown))
        chosen = np.where(self.counts[rows] < self.copies, self.counts[rows], random.integers(self.copies, size=len(rows)))
        self.counts[lacking] += 1
        return torch.from_numpy(self.kept[rows, chosen]).float()


@torch.inference_mode()
def early_maps(network: nn.Module, images: Tensor) -> np.ndarray:
    """float16 maps of normalised images [N, 1, S, S]. The early layers have neither dropout nor running statistics."""
    return network.early(images.contiguous(memory_format=torch.channels_last)).numpy().astype(np.float16)


def early_maps_of(network: nn.Module, images: np.ndarray) -> np.ndarray:
    """float16 maps of uint8 images [N, 1, S, S] as they are."""
    parts = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
    return np.concatenate([early_maps(network, normalise(to_unit(torch.from_numpy(part)))) for part in parts])


@torch.inference_mode()
def late_logits(network: nn.Module, maps: np.ndarray) -> Tensor:
    """Logits [N, sum of labels] from early maps."""
    parts = [torch.from_numpy(maps[start : start + BATCH]).float() for start in range(0, len(maps), BATCH)]
    return torch.cat([network.late(part.contiguous(memory_format=torch.channels_last)) for part in parts])
