"""Images that are not what a model was trained on, to see whether it notices."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.cbook import get_sample_data
from PIL import Image
from scipy.ndimage import gaussian_filter
from sklearn.datasets import load_sample_images

from axial_training.datasets.image_folder import read_grey
from axial_training.phantoms.knee import COMPLETE, HEALTHY, knee_slice
from axial_training.phantoms.lumbar import draw_stenosis, lumbar_slice

SEED = 31
LARGEST_SET = 60
PHANTOM_SIZE = 256
FOLDERS = {
    "brain MR slices": "brain-tumour/*/*.jpg",
    "knee radiographs": "knee-oa-kl/*/*.jpg",
    "knee MR slices": "knee-mri-acl-tear/???.jpg",
    "lumbar MR slices": "lumbar-axial-t1-unlabelled/*.jpg",
}


def foreign_images(data: Path, own: tuple[str, ...]) -> dict[str, list[np.ndarray]]:
    """Set name → grey images [H, W]; without the sets named in `own`, and those whose folder is not in `data`."""
    random = np.random.default_rng(SEED)
    sets = {name: read_folder(data, pattern, random) for name, pattern in FOLDERS.items()}
    sets |= {name: make(random) for name, make in GENERATED.items()}
    return {name: images for name, images in sets.items() if images and name not in own}


def read_folder(data: Path, pattern: str, random: np.random.Generator) -> list[np.ndarray]:
    """A seeded choice of the folder's images."""
    files = sorted(data.glob(pattern))
    return [read_grey(files[index]) for index in random.permutation(len(files))[:LARGEST_SET]]


def photographs(random: np.random.Generator) -> list[np.ndarray]:
    """The photographs that scikit-learn and matplotlib bring with them, and quarters and ninths of each."""
    pictures = [Image.fromarray(image) for image in load_sample_images().images]
    pictures.append(Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False)))
    whole = [np.asarray(picture.convert("L")) for picture in pictures]
    return whole + [tile for picture in whole for parts in (2, 3) for tile in tiles(picture, parts)]


def tiles(picture: np.ndarray, parts: int) -> list[np.ndarray]:
    """`parts` × `parts` pieces."""
    return [piece for row in np.array_split(picture, parts) for piece in np.array_split(row, parts, axis=1)]


def noise(random: np.random.Generator) -> list[np.ndarray]:
    """White noise, uniform and normal, and noise smoothed more and more."""
    white = [random.integers(0, 256, (256, 256)) for _ in range(20)] + [random.normal(size=(256, 256)) for _ in range(20)]
    smooth = [gaussian_filter(random.normal(size=(256, 256)), sigma) for sigma in (1, 2, 4, 8, 16, 32) for _ in range(5)]
    return white + smooth


GENERATED: dict[str, Callable[[np.random.Generator], list[np.ndarray]]] = {
    "photographs": photographs,
    "noise": noise,
    "blank image": lambda random: [np.zeros((256, 256), np.uint8)],
    "grey ramps": lambda random: [np.add.outer(np.arange(256) * y, np.arange(256) * x) for y, x in ((0, 1), (1, 0), (1, 1))],
    "knee phantoms": lambda random: [knee_slice(random, (HEALTHY, COMPLETE)[i % 2], PHANTOM_SIZE).image for i in range(30)],
    "lumbar phantoms": lambda random: [lumbar_slice(random, draw_stenosis(random), PHANTOM_SIZE)[0] for _ in range(30)],
}
