"""Images that show nearly the same: copies, crops, other sizes and aspect ratios, neighbouring slices of one patient."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from axial_training.datasets.image_folder import Example, read_grey
from axial_training.preprocessing.intensity import stretch_percentiles

SIDE = 32  # of the thumbnails that are compared
BORDER = 30  # grey values: what differs less from the border's is border
SMALLEST = 20  # rows or columns; a picture trimmed to less was no picture on a border


def join_near_duplicates(examples: list[Example], folder: Path, alike: float) -> list[Example]:
    """The examples with groups joined wherever two images, whole or without their borders, correlate above `alike`.

    A group is named for its first."""
    images = [stretch_percentiles(read_grey(folder / example.file), 0.5, 99.5) for example in examples]
    whole = np.stack([thumbnail(image) for image in images])
    inner = np.stack([thumbnail(trimmed(image)) for image in images])
    first, second = np.nonzero(np.triu(np.maximum(whole @ whole.T, inner @ inner.T) > alike, 1))
    parents: dict[str, str] = {}
    for i, j in zip(first.tolist(), second.tolist(), strict=True):
        one, other = root(parents, examples[i].group), root(parents, examples[j].group)
        parents[other] = one
    return [replace(example, group=root(parents, example.group)) for example in examples]


def root(parents: dict[str, str], name: str) -> str:
    """The name that a group goes by after all joins."""
    while parents.get(name, name) != name:
        name = parents[name]
    return name


def thumbnail(pixels: np.ndarray) -> np.ndarray:
    """Brought to SIDE × SIDE: [SIDE²] of mean 0 and length 1, so that a product is a correlation."""
    small = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    values = np.asarray(small, np.float32).ravel()
    values = values - values.mean()
    return values / max(float(np.linalg.norm(values)), 1e-6)


def trimmed(pixels: np.ndarray) -> np.ndarray:
    """Without rows and columns that are border nearly throughout."""
    edge = np.median(np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]))
    shown = np.abs(pixels.astype(np.float32) - edge) > BORDER
    rows, columns = (np.flatnonzero(shown.mean(axis) > 0.02) for axis in (1, 0))
    if len(rows) < SMALLEST or len(columns) < SMALLEST:
        return pixels
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def group_sizes(examples: list[Example]) -> np.ndarray:
    """[N]: how many images each example's group has."""
    sizes = Counter(example.group for example in examples)
    return np.array([sizes[example.group] for example in examples])
