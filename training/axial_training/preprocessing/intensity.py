"""Pixel values to 0…255."""

import numpy as np


def stretch_percentiles(pixels: np.ndarray, low: float, high: float) -> np.ndarray:
    """Map the given percentiles (linear interpolation between order statistics) to 0 and 255, clip, round to nearest.

    `pixels` [H, W] of any number type → uint8 [H, W]. A flat image becomes zero.
    """
    values = pixels.astype(np.float64)
    bottom, top = np.percentile(values, [low, high])
    if top <= bottom:
        return np.zeros(pixels.shape, np.uint8)
    return np.floor(np.clip((values - bottom) / (top - bottom), 0, 1) * 255 + 0.5).astype(np.uint8)
