"""Changes of an image that leave it one of the known kind, and changes that do not."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from axial_training.learning.augmentation import jpeg

Change = Callable[[np.ndarray], np.ndarray]
PART = 0.15  # of a side that a border takes


def bordered(pixels: np.ndarray, value: int) -> np.ndarray:
    """With a border of `value` on every side, in the same size."""
    height, width = pixels.shape
    down, right = int(height * PART / 2), int(width * PART / 2)
    inner = Image.fromarray(pixels).resize((width - 2 * right, height - 2 * down), Image.Resampling.BILINEAR)
    whole = np.full(pixels.shape, value, np.uint8)
    whole[down : height - down, right : width - right] = np.asarray(inner)
    return whole


def rotated(pixels: np.ndarray, degrees: float) -> np.ndarray:
    """About the centre; the corners are black."""
    return np.asarray(Image.fromarray(pixels).rotate(degrees, Image.Resampling.BILINEAR))


def white_border(pixels: np.ndarray) -> np.ndarray:
    """White takes the upper percentile: the picture in it comes out as dark as it is."""
    return bordered((pixels * 0.85).astype(np.uint8), 255)


KNOWN: dict[str, Change] = {
    "JPEG, quality 30": lambda pixels: jpeg(pixels, 30),
    "black border of 15 %": lambda pixels: bordered(pixels, 0),
    "turned by 15°": lambda pixels: rotated(pixels, 15),
    "turned by −15°": lambda pixels: rotated(pixels, -15),
}
FOREIGN: dict[str, Change] = {
    "upside down": lambda pixels: pixels[::-1],
    "turned by 180°": lambda pixels: pixels[::-1, ::-1],
    "turned by 90°": lambda pixels: np.rot90(pixels),
    "turned by 270°": lambda pixels: np.rot90(pixels, 3),
    "white border of 15 %": white_border,
    "negative": lambda pixels: 255 - pixels,
}


def mirrored(images: np.ndarray) -> np.ndarray:
    """uint8 [N, 1, S, S], left to right: foreign only where images are known to face one way."""
    return np.ascontiguousarray(images[..., ::-1])


def changed(images: np.ndarray, change: Change) -> np.ndarray:
    """uint8 [N, 1, S, S], each changed."""
    return np.stack([np.ascontiguousarray(change(image[0]))[None] for image in images])
