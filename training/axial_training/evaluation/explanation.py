"""Is the class map connected to the decision?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

HOT_SHARE = 0.1
Predict = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class ExplanationCheck:
    """Outcome over a test batch."""

    count: int
    hot_beats_random: float  # share of images where blanking the hottest tenth costs more than a random tenth
    mean_hot_drop: float  # of the winning probability
    mean_random_drop: float
    pointing_count: int  # images that have a lesion box and an abnormal answer
    hottest_in_box: float | None  # share of those


def check_explanation(predict: Predict, images: np.ndarray, boxes: np.ndarray | None, seed: int) -> ExplanationCheck:
    """Blank the hottest tenth (set to black), and the same shape moved by a random cyclic shift.

    `predict` maps uint8 [N, 1, S, S] to the first head's probabilities [N, K] and maps [N, K, h, w].
    """
    probabilities, maps = predict(images)
    winner = probabilities.argmax(axis=1)
    rows = np.arange(len(images))
    heat = enlarge(maps[rows, winner], images.shape[-1])
    hot = hottest(heat)
    random = np.random.default_rng(seed)
    size = images.shape[-1]
    elsewhere = np.stack([np.roll(mask, random.integers(0, size, 2), axis=(0, 1)) for mask in hot])
    before = probabilities[rows, winner]
    hot_drop = before - predict(blank(images, hot))[0][rows, winner]
    random_drop = before - predict(blank(images, elsewhere))[0][rows, winner]
    inside = pointing(heat, boxes) if boxes is not None else np.array([])
    return ExplanationCheck(
        count=len(images),
        hot_beats_random=float((hot_drop > random_drop).mean()),
        mean_hot_drop=float(hot_drop.mean()),
        mean_random_drop=float(random_drop.mean()),
        pointing_count=len(inside),
        hottest_in_box=float(inside.mean()) if len(inside) else None,
    )


def enlarge(maps: np.ndarray, size: int) -> np.ndarray:
    """[N, h, w] → [N, size, size], bilinear."""
    grown = functional.interpolate(torch.from_numpy(maps)[:, None], (size, size), mode="bilinear", align_corners=False)
    return grown[:, 0].numpy()


def hottest(heat: np.ndarray) -> np.ndarray:
    """True on the hottest tenth of each map [N, S, S]."""
    count = int(heat[0].size * HOT_SHARE)
    flat = heat.reshape(len(heat), -1)
    masks = np.zeros(flat.shape, bool)
    np.put_along_axis(masks, np.argpartition(-flat, count, axis=1)[:, :count], True, axis=1)
    return masks.reshape(heat.shape)


def blank(images: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """A copy with the masked pixels black."""
    return np.where(masks[:, None], 0, images).astype(np.uint8)


def pointing(heat: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """For each image with a box (top, left, bottom, right in parts of the side): is the hottest point inside?"""
    size = heat.shape[-1]
    present = ~np.isnan(boxes[:, 0])
    peak = heat.reshape(len(heat), -1).argmax(axis=1)
    row, column = (peak // size + 0.5) / size, (peak % size + 0.5) / size
    inside = (row >= boxes[:, 0]) & (row <= boxes[:, 2]) & (column >= boxes[:, 1]) & (column <= boxes[:, 3])
    return inside[present]
