"""Single numbers for a set of predictions."""

import numpy as np
from sklearn.metrics import cohen_kappa_score
from torch import Tensor

from axial_training.families.family import Family


def selection_score(family: Family, logits: Tensor, labels: np.ndarray) -> float:
    """What picks the best epoch: mean over heads of accuracy or of quadratic weighted kappa."""
    scores = []
    start = 0
    for column, head in enumerate(family.heads):
        predicted = logits[:, start : start + len(head.labels)].argmax(1).numpy()
        start += len(head.labels)
        scores.append(SCORES[family.score](labels[:, column], predicted))
    return float(np.mean(scores))


def accuracy(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Share of equal labels."""
    return float((truth == predicted).mean())


def quadratic_weighted_kappa(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Cohen's kappa with squared distances (Cohen 1968)."""
    return float(cohen_kappa_score(truth, predicted, weights="quadratic"))


SCORES = {"accuracy": accuracy, "quadratic-weighted-kappa": quadratic_weighted_kappa}
