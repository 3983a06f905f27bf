"""One split of a manifest's images, decoded and made square."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from axial_training.datasets.image_folder import read_grey
from axial_training.datasets.splits import read_split
from axial_training.families.doubtful_files import doubtful_files
from axial_training.families.family import Dataset
from axial_training.preprocessing.letterbox import letterbox

SPLITS = Path(__file__).resolve().parents[2] / "splits"
DOUBTFUL_SUFFIX = "-doubtful.csv"  # beside the split: images whose labels are doubtful
DOUBTFUL_WEIGHT = 0.3


def load_split_images(
    folder: Path, splits: Path, split: str, size: int, label_ids: list[str], to_bytes: Callable[[np.ndarray], np.ndarray]
) -> Dataset:
    """Decode the split's files under `folder`; `to_bytes` maps pixels to 0…255 before the resize."""
    examples = read_split(splits, split)
    doubtful = doubtful_files(SPLITS / f"{folder.name}{DOUBTFUL_SUFFIX}")
    images = [letterbox(to_bytes(read_grey(folder / example.file)), size) for example in examples]
    return Dataset(
        images=np.stack(images)[:, None],
        labels=np.array([[label_ids.index(example.label)] for example in examples]),
        names=tuple(example.file for example in examples),
        groups=tuple(example.group for example in examples),
        weights=np.where([example.file in doubtful for example in examples], DOUBTFUL_WEIGHT, 1).astype(np.float32),
    )
