"""Resize into a square without distortion."""

import numpy as np
from PIL import Image


def letterbox(image: np.ndarray, size: int) -> np.ndarray:
    """Fit uint8 [H, W] of square pixels into [size, size], centred, padded with 0.

    The filter is Pillow's BILINEAR: a triangle whose support grows when the image shrinks. The long side becomes
    `size`, the short one is rounded half up; an odd rest goes right and below.
    """
    height, width = image.shape
    scale = size / max(height, width)
    inner_height = max(1, int(height * scale + 0.5))
    inner_width = max(1, int(width * scale + 0.5))
    resized = Image.fromarray(image).resize((inner_width, inner_height), Image.Resampling.BILINEAR)
    top, left = (size - inner_height) // 2, (size - inner_width) // 2
    square = np.zeros((size, size), np.uint8)
    square[top : top + inner_height, left : left + inner_width] = np.asarray(resized)
    return square
