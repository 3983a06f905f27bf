"""Probabilities of ordered grades, drawn towards their expectation."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import brentq, minimize
from torch import Tensor

START = (0.2, 0.5)
SHARPNESSES = (0.3, 3.0)
SMALLEST = 1e-6


@dataclass(frozen=True)
class OrdinalReadout:
    """The geometric mean of the probabilities p and of a spread about their expected grade, to the power `sharpness`.

    The spread is logistic, over intervals that end half way between grades; its variance is `floor` and `share` of that of
    p. A squared measure of agreement punishes an answer two grades off four times as much as one grade off, so the
    expectation does better by it than the most probable grade; its own probabilities are less likely than p, though. The
    mean has most of both.
    """

    floor: float
    share: float
    sharpness: float = 1.0

    def __call__(self, probabilities: Tensor) -> Tensor:
        """[N, K] → [N, K]"""
        mixed = (probabilities.clamp(min=SMALLEST).log() + self.spread(probabilities).clamp(min=SMALLEST).log()) / 2
        return torch.softmax(mixed * self.sharpness, 1)

    def spread(self, probabilities: Tensor) -> Tensor:
        """About the expected grade: [N, K] → [N, K]; the most probable grade is the expected one, rounded."""
        count = probabilities.shape[1]
        grades = torch.arange(count, dtype=probabilities.dtype, device=probabilities.device)
        mean = (probabilities * grades).sum(1, keepdim=True)
        variance = (probabilities * (grades - mean) ** 2).sum(1, keepdim=True)
        scale = torch.sqrt(self.floor + self.share * variance)
        below = torch.sigmoid((grades[:-1] + 0.5 - mean) / scale)
        return torch.cat([below[:, :1], below[:, 1:] - below[:, :-1], 1 - below[:, -1:]], 1)


def fit_readout(probabilities: Tensor, labels: np.ndarray) -> OrdinalReadout:
    """The spread that gives labels [N] the greatest likelihood, and the sharpness at which the mean probability of the
    answers is the share that is right."""
    probabilities, truth = probabilities.double(), torch.from_numpy(labels)

    def loss(logs: np.ndarray) -> float:
        found = OrdinalReadout(*np.exp(logs)).spread(probabilities).gather(1, truth[:, None])
        return float(-found.clamp(min=SMALLEST).log().mean())

    floor, share = (round(float(value), 4) for value in np.exp(minimize(loss, np.log(START), method="Nelder-Mead").x))
    right = float((OrdinalReadout(floor, share)(probabilities).argmax(1) == truth).double().mean())

    def excess(sharpness: float) -> float:
        return float(OrdinalReadout(floor, share, sharpness)(probabilities).amax(1).mean()) - right

    low, high = SHARPNESSES
    if excess(low) > 0 or excess(high) < 0:
        return OrdinalReadout(floor, share)
    return OrdinalReadout(floor, share, round(float(brentq(excess, low, high)), 4))
