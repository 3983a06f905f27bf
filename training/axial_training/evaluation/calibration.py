"""Temperature scaling and calibration error (Guo et al. 2017, arXiv:1706.04599)."""

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from torch import Tensor
from torch.nn import functional

from axial_training.families.family import Head

BINS = 15
TEMPERATURES = (0.5, 5.0)  # where every validation image is right, the likelihood alone would go to zero


def fit_temperature(logits: Tensor, labels: np.ndarray, heads: tuple[Head, ...]) -> float:
    """The temperature that minimises the mean negative log-likelihood over all heads.

    Logits [N, sum of labels], labels [N, heads].
    """
    parts = logits.double().split([len(head.labels) for head in heads], dim=1)
    truth = torch.from_numpy(labels)

    def loss(log_temperature: float) -> float:
        temperature = float(np.exp(log_temperature))
        losses = [functional.cross_entropy(part / temperature, truth[:, column]) for column, part in enumerate(parts)]
        return float(torch.stack(losses).mean())

    found = minimize_scalar(loss, bounds=np.log(TEMPERATURES), method="bounded")
    return round(float(np.exp(found.x)), 4)


def expected_calibration_error(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Mean distance of confidence and accuracy over equal-width bins of confidence, weighted by their counts."""
    return float(sum(abs(b["confidence"] - b["accuracy"]) * b["share"] for b in reliability(probabilities, truth)))


def reliability(probabilities: np.ndarray, truth: np.ndarray) -> list[dict[str, float]]:
    """Confidence, accuracy and share of each bin that is not empty."""
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == truth
    index = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        {
            "confidence": float(confidence[index == b].mean()),
            "accuracy": float(correct[index == b].mean()),
            "share": float((index == b).mean()),
        }
        for b in range(BINS)
        if (index == b).any()
    ]
