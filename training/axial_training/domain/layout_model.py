"""Which way up a picture lies, and whether it fills its frame as the known ones do: a line drawn between both kinds."""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

PENALTY = 0.01  # inverse strength of the regularisation
SMALLEST_SCALE = 0.05  # of the median scale
LARGEST = 6.0  # standard deviations; what is further out is cut off, so that no single feature decides
STEEPNESS = 0.25  # of a threshold, by the standard deviation of known images' scores


@dataclass(frozen=True)
class LayoutModel:
    """Score of layout features f [D]: clip((f − mean) / scale) · weights + bias, in thresholds: about 0 for known images."""

    mean: np.ndarray  # [D]
    scale: np.ndarray  # [D]
    weights: np.ndarray  # [D]
    bias: float

    def scores(self, layout: np.ndarray) -> np.ndarray:
        """Layout features [N, D] → scores [N]; 1 is the threshold."""
        return np.clip((layout - self.mean) / self.scale, -LARGEST, LARGEST) @ self.weights + self.bias


def fit_layout(known: np.ndarray, turned: np.ndarray, validation: np.ndarray, false_alarm_rate: float) -> LayoutModel:
    """Fit to layout features [N, D] of known images and of the same turned; scaled so that on `validation` a share of
    `false_alarm_rate` scores above 1."""
    features = np.concatenate([known, turned]).astype(np.float64)
    mean, spread = features.mean(axis=0), features.std(axis=0)
    scale = spread + SMALLEST_SCALE * np.median(spread) + 1e-6
    shown = np.clip((features - mean) / scale, -LARGEST, LARGEST)
    truth = np.repeat([0, 1], [len(known), len(turned)])
    fitted = LogisticRegression(C=PENALTY, max_iter=500, class_weight="balanced").fit(shown, truth)
    raw = LayoutModel(mean, scale, fitted.coef_[0], float(fitted.intercept_[0]))
    own = raw.scores(validation)
    limit, step = np.quantile(own, 1 - false_alarm_rate), STEEPNESS / (own.std() + 1e-6)
    return LayoutModel(mean, scale, raw.weights * step, float((raw.bias - limit) * step + 1))


def no_layout(size: int) -> LayoutModel:
    """For a model whose pictures have no way up that it knows: the score is 0."""
    return LayoutModel(np.zeros(size), np.ones(size), np.zeros(size), 0.0)
