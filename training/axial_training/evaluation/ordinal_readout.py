"""Probabilities of ordered grades read through their expectation: the answer is the expected grade, rounded."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor

START = (0.2, 0.5)


@dataclass(frozen=True)
class OrdinalReadout:
    """Logistic spread about the expected grade, over intervals that end half way between grades.

    Its variance is `floor` and `share` of the variance of the probabilities that went in, both fitted to validation.
    A squared measure of agreement punishes an answer two grades off four times as much as one grade: the expectation
    does better by it than the most probable grade.
    """

    floor: float
    share: float

    def __call__(self, probabilities: Tensor) -> Tensor:
        """[N, K] → [N, K]"""
        count = probabilities.shape[1]
        grades = torch.arange(count, dtype=probabilities.dtype, device=probabilities.device)
        mean = (probabilities * grades).sum(1, keepdim=True)
        variance = (probabilities * (grades - mean) ** 2).sum(1, keepdim=True)
        scale = torch.sqrt(self.floor + self.share * variance)
        below = torch.sigmoid((grades[:-1] + 0.5 - mean) / scale)
        return torch.cat([below[:, :1], below[:, 1:] - below[:, :-1], 1 - below[:, -1:]], 1)


def fit_readout(probabilities: Tensor, labels: np.ndarray) -> OrdinalReadout:
    """The readout that gives labels [N] the greatest likelihood."""
    truth = torch.from_numpy(labels)[:, None]

    def loss(logs: np.ndarray) -> float:
        found = OrdinalReadout(*np.exp(logs))(probabilities.double()).gather(1, truth)
        return float(-found.clamp(min=1e-9).log().mean())

    floor, share = np.exp(minimize(loss, np.log(START), method="Nelder-Mead").x)
    return OrdinalReadout(round(float(floor), 4), round(float(share), 4))
