"""A family's images as the engine shows them to its model."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from axial_training.domain.recipes import DomainRecipe
from axial_training.families.family import Family
from axial_training.preprocessing.intensity import stretch_percentiles


@dataclass(frozen=True)
class Shown:
    """uint8 [N, 1, S, S], and which of them are known to face one way: [N]."""

    images: np.ndarray
    one_way: np.ndarray

    def drawn(self, most: int, random: np.random.Generator) -> "Shown":
        """At most so many of them, at random."""
        rows = np.sort(random.permutation(len(self.images))[:most])
        return Shown(self.images[rows], self.one_way[rows])


def slices_of(family: Family, recipe: DomainRecipe, data: Path, split: str) -> Shown:
    """One split, series slice by slice."""
    size = family.recipe.stages[-1].size
    dataset = family.load(data, split, size)
    images = dataset.images.reshape(-1, 1, size, size)
    if recipe.stretch:
        low, high = (family.manifest()["preprocessing"]["intensity"][key] for key in ("low", "high"))
        images = np.stack([stretch_percentiles(image[0], low, high)[None] for image in images])
    if not recipe.faces:
        return Shown(images, np.zeros(len(images), bool))
    labels = [family.heads[0].labels[row[0]].id for row in dataset.labels]
    return Shown(images, np.repeat([label.endswith(recipe.faces) for label in labels], dataset.images.shape[1]))
