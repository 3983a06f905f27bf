"""A Gaussian of an image's features, with few parameters: principal directions and what is left beside them."""

from dataclasses import dataclass

import numpy as np

DIRECTIONS = 64
SMALLEST_SCALE = 0.05  # of the median scale: features that hardly vary must not decide
SHRINKAGE = 0.5  # of the mean residual variance, added to every direction's


@dataclass(frozen=True)
class FeatureModel:
    """Squared distance of features f [D]: with y = (f − mean) / scale, sum(y²) · rest + sum((y · directions)² · weights).

    That is half the mean over the directions of y's squared coordinates in units of their variance, and half the mean
    over all others of y's squared residual in units of its variance: about 1 for images like those it was fitted to.
    """

    mean: np.ndarray  # [D]
    scale: np.ndarray  # [D]
    directions: np.ndarray  # [D, K], orthonormal
    weights: np.ndarray  # [K]
    rest: float

    def distances(self, features: np.ndarray) -> np.ndarray:
        """Features [N, D] → distances [N]."""
        y = (features - self.mean) / self.scale
        squared = (y**2).sum(axis=1) * self.rest + ((y @ self.directions) ** 2 * self.weights).sum(axis=1)
        return np.sqrt(np.maximum(squared, 0))


def fit_features(features: np.ndarray) -> FeatureModel:
    """Fit to features [N, D] of images that the model knows."""
    features = features.astype(np.float64)
    count, size = features.shape
    mean, spread = features.mean(axis=0), features.std(axis=0)
    scale = spread + SMALLEST_SCALE * np.median(spread) + 1e-6
    y = (features - mean) / scale
    kept = min(DIRECTIONS, size // 2, count // 4)
    variances, vectors = np.linalg.eigh(y.T @ y / count)
    variances, vectors = variances[::-1][:kept], vectors[:, ::-1][:, :kept]
    residual = ((y**2).sum() / count - variances.sum()) / (size - kept)
    rest = 0.5 / (residual * (size - kept))
    weights = 0.5 / (kept * (variances + SHRINKAGE * residual)) - rest
    return FeatureModel(mean, scale, vectors, weights, rest)
