"""How a figure scatters over the seeds of a split."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from axial_training.evaluation.split_seeds import figures_of, measure_seeds
from axial_training.families.family import Dataset
from axial_training.families.registry import FAMILIES

COUNTS = {"train": 120, "val": 24, "test": 24}


class Brightness(nn.Module):
    """Its features are the image."""

    def logits_and_features(self, images: torch.Tensor) -> tuple[None, list[torch.Tensor]]:
        return None, [images]


def brighter_by_class(data: Path, split: str, size: int) -> Dataset:
    """Two classes, one darker than the other."""
    count = COUNTS[split]
    labels = np.arange(count) % 2
    images = np.random.default_rng(count).integers(0, 40, (count, 1, 8, 8)) + labels[:, None, None, None] * 150
    names = tuple(f"{split}-{i}" for i in range(count))
    return Dataset(images.astype(np.uint8), labels[:, None], names, names)


def test_every_seed_has_its_own_test_split():
    family = replace(FAMILIES["brain-tumour-baseline"], load=brighter_by_class, build=lambda data: Brightness())
    scatter = measure_seeds(family, Path(), [1, 2, 3])
    assert [one.seed for one in scatter.seeds] == [1, 2, 3]
    assert scatter.accuracy == (1, 0) and scatter.per_group == (1, 0)
    assert all(20 <= one.images <= 30 for one in scatter.seeds)


def test_a_group_has_one_vote():
    figures = figures_of(1, np.array([True, True, False, False]), np.array(["a", "b", "c", "c"]))
    assert figures.accuracy == 0.5 and figures.per_group == pytest.approx(2 / 3)
