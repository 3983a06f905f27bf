"""Figures over groups of near-duplicates: many copies of one picture count once."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

REPEATS = 2000
COVERAGE = 0.95
Score = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True)
class GroupFigures:
    """Of one score on one split."""

    groups: int
    low: float  # interval of the score over images, groups drawn with replacement
    high: float
    per_group: float  # mean over groups of the share of their images that are right: one vote a group
    single: tuple[int, float]  # images without near-duplicates: how many, share right
    several: tuple[int, float]  # images with


def group_figures(
    groups: tuple[str, ...], truth: np.ndarray, predicted: np.ndarray, score: Score, seed: int
) -> GroupFigures:
    """Interval by bootstrap over groups, and the shares that are right by group and by size of group."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        rows[group].append(row)
    members = [np.array(part) for part in rows.values()]
    right = truth == predicted
    random = np.random.default_rng(seed)
    scores = []
    for _ in range(REPEATS):
        drawn = np.concatenate([members[index] for index in random.integers(0, len(members), len(members))])
        scores.append(score(truth[drawn], predicted[drawn]))
    low, high = np.quantile(scores, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    alone = np.zeros(len(truth), bool)
    alone[[part[0] for part in members if len(part) == 1]] = True
    return GroupFigures(
        groups=len(members),
        low=float(low),
        high=float(high),
        per_group=float(np.mean([right[part].mean() for part in members])),
        single=(int(alone.sum()), share(right[alone])),
        several=(int((~alone).sum()), share(right[~alone])),
    )


def share(right: np.ndarray) -> float:
    """Share that is true; NaN for an empty array."""
    return float(right.mean()) if len(right) else float("nan")
