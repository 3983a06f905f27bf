"""How far a test figure depends on which groups happen to be in the test split.

Training a network for every seed takes hours, so a stand-in is fitted instead: logistic regression on the features of the
start weights, which saw none of the images. How its figure scatters over the seeds is the split's doing.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from axial_training.datasets.image_folder import Example
from axial_training.datasets.splits import split_by_group
from axial_training.families.family import Dataset, Family
from axial_training.learning.doubtful_labels import SIZE, describe, judged

SIDES = ("train", "val", "test")


@dataclass(frozen=True)
class SeedFigures:
    """Of the stand-in on one seed's test split."""

    seed: int
    images: int
    accuracy: float
    per_group: float  # one vote a group


@dataclass(frozen=True)
class Scatter:
    """Over seeds: means and standard deviations."""

    accuracy: tuple[float, float]
    per_group: tuple[float, float]
    seeds: tuple[SeedFigures, ...]


def measure_seeds(family: Family, data: Path, seeds: list[int]) -> Scatter:
    """Fit and measure the stand-in for each seed."""
    whole = joined([family.load(data, side, SIZE) for side in SIDES])
    features = describe(family.build(data).eval(), whole)
    names = [label.id for label in family.heads[0].labels]
    labels = whole.labels[:, 0]
    rows = zip(whole.names, labels, whole.groups, strict=True)
    examples = [Example(file, names[label], group) for file, label, group in rows]
    figures = []
    for seed in seeds:
        sides = split_by_group(examples, seed)
        test = np.array([sides[file] == "test" for file in whole.names])
        train = np.array([sides[file] == "train" for file in whole.names])
        found = judged(features[train], labels[train], features[test], len(names)).argmax(axis=1)
        figures.append(figures_of(seed, found == labels[test], np.array(whole.groups)[test]))
    return Scatter(*(spread([getattr(one, key) for one in figures]) for key in ("accuracy", "per_group")), tuple(figures))


def joined(parts: list[Dataset]) -> Dataset:
    """All sides of a split as one."""
    return Dataset(
        images=np.concatenate([part.images for part in parts]),
        labels=np.concatenate([part.labels for part in parts]),
        names=tuple(name for part in parts for name in part.names),
        groups=tuple(group for part in parts for group in part.groups),
    )


def figures_of(seed: int, right: np.ndarray, groups: np.ndarray) -> SeedFigures:
    """Of images [N] that are right or not, and their groups [N]."""
    _, members = np.unique(groups, return_inverse=True)
    per_group = np.bincount(members, weights=right) / np.bincount(members)
    return SeedFigures(seed, len(right), float(right.mean()), float(per_group.mean()))


def spread(values: list[float]) -> tuple[float, float]:
    """Mean and standard deviation."""
    return float(np.mean(values)), float(np.std(values, ddof=1))
