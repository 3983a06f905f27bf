"""One split of a manifest's images, decoded and made square."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from axial_training.datasets.image_folder import read_grey
from axial_training.datasets.splits import read_split
from axial_training.families.family import Dataset
from axial_training.preprocessing.letterbox import letterbox

SPLITS = Path(__file__).resolve().parents[2] / "splits"


def load_split_images(
    folder: Path, splits: Path, split: str, size: int, label_ids: list[str], to_bytes: Callable[[np.ndarray], np.ndarray]
) -> Dataset:
    """Decode the split's files under `folder`; `to_bytes` maps pixels to 0…255 before the resize."""
    examples = read_split(splits, split)
    images = [letterbox(to_bytes(read_grey(folder / example.file)), size) for example in examples]
    return Dataset(
        images=np.stack(images)[:, None],
        labels=np.array([[label_ids.index(example.label)] for example in examples]),
        names=tuple(example.file for example in examples),
    )
