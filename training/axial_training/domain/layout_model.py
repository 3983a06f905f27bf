"""Which way up a picture lies, and whether it fills its frame as the known ones do: a small network of its cells."""

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

MEMBERS = 3  # networks whose mean decides
UNITS = 32  # of each
EPOCHS = 25
PENALTY = 1.0  # on squared weights
SMALLEST_SCALE = 0.05  # of the median scale
LARGEST = 6.0  # standard deviations; what is further out is cut off, so that no single feature decides
STEEPNESS = 0.25  # of a threshold, by the standard deviation of known images' scores


@dataclass(frozen=True)
class LayoutModel:
    """Score of cells f [D]: relu(clip((f − mean) / scale) · hidden + hidden_bias) · weights + bias, in thresholds: about 0
    for known images."""

    mean: np.ndarray  # [D]
    scale: np.ndarray  # [D]
    hidden: np.ndarray  # [D, units]
    hidden_bias: np.ndarray  # [units]
    weights: np.ndarray  # [units]
    bias: float

    def scores(self, cells: np.ndarray) -> np.ndarray:
        """Cells [N, D] → scores [N]; 1 is the threshold."""
        shown = np.clip((cells - self.mean) / self.scale, -LARGEST, LARGEST)
        return np.maximum(shown @ self.hidden + self.hidden_bias, 0) @ self.weights + self.bias


def fit_layout(known: np.ndarray, turned: np.ndarray, validation: np.ndarray, false_alarm_rate: float) -> LayoutModel:
    """Fit to cells [N, D] of known images and of the same turned; scaled so that on `validation` a share of
    `false_alarm_rate` scores above 1."""
    cells = np.concatenate([known, turned]).astype(np.float64)
    mean, spread = cells.mean(axis=0), cells.std(axis=0)
    scale = spread + SMALLEST_SCALE * np.median(spread) + 1e-6
    shown = np.clip((cells - mean) / scale, -LARGEST, LARGEST)
    truth = np.repeat([0, 1], [len(known), len(turned)])
    members = [fit_member(shown, truth, seed) for seed in range(MEMBERS)]
    raw = LayoutModel(
        mean=mean,
        scale=scale,
        hidden=np.concatenate([member.coefs_[0] for member in members], axis=1),
        hidden_bias=np.concatenate([member.intercepts_[0] for member in members]),
        weights=np.concatenate([member.coefs_[1][:, 0] for member in members]) / MEMBERS,
        bias=float(np.mean([member.intercepts_[1][0] for member in members])),
    )
    own = raw.scores(validation)
    limit, step = np.quantile(own, 1 - false_alarm_rate), STEEPNESS / (own.std() + 1e-6)
    return LayoutModel(mean, scale, raw.hidden, raw.hidden_bias, raw.weights * step, float((raw.bias - limit) * step + 1))


def fit_member(shown: np.ndarray, truth: np.ndarray, seed: int) -> MLPClassifier:
    """One network, for a fixed number of epochs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return MLPClassifier((UNITS,), alpha=PENALTY, max_iter=EPOCHS, random_state=seed).fit(shown, truth)


def no_layout(size: int) -> LayoutModel:
    """For a model whose pictures have no way up that it knows: the score is 0."""
    return LayoutModel(np.zeros(size), np.ones(size), np.zeros((size, 1)), np.zeros(1), np.zeros(1), 0.0)
