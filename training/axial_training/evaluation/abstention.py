"""When to answer "indeterminate": thresholds on an answer's own probabilities, set on validation."""

from dataclasses import dataclass

import numpy as np

WANTED = 0.99  # of the answers that are given, right on validation
MOST_KEPT_BACK = 0.25  # of the validation images: a threshold that costs more is no use
STEPS = np.round(np.arange(0.0, 0.96, 0.02), 2)


@dataclass(frozen=True)
class Abstention:
    """Smallest lead of the first label over the second, largest entropy (in parts of its maximum); and what they do."""

    minimum_margin: float
    maximum_entropy: float
    kept_back: float  # share of the test images
    right_given: float  # share right of the answers given, test
    right_kept_back: float  # share right of those kept back, test


def margins(probabilities: np.ndarray) -> np.ndarray:
    """[N, K] → lead of the first label over the second."""
    ranked = np.sort(probabilities, axis=1)
    return ranked[:, -1] - ranked[:, -2]


def entropies(probabilities: np.ndarray) -> np.ndarray:
    """[N, K] → entropy in parts of log K, 0…1."""
    logs = np.log(np.clip(probabilities, 1e-12, 1))
    return -(probabilities * logs).sum(axis=1) / np.log(probabilities.shape[1])


def set_thresholds(validation: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """The margin, and an entropy that 1 % of those given exceed."""
    chosen = set_margin(validation, truth, WANTED, MOST_KEPT_BACK)
    given = entropies(validation)[margins(validation) >= chosen]
    return chosen, float(np.ceil(np.quantile(given, 0.99) * 100) / 100)


def set_margin(validation: np.ndarray, truth: np.ndarray, wanted: float, most_kept_back: float) -> float:
    """The least lead at which `wanted` of the answers given are right, `most_kept_back` of the images kept back at most."""
    lead, right = margins(validation), validation.argmax(axis=1) == truth
    chosen = STEPS[0]
    for step in STEPS:
        if (lead < step).mean() > most_kept_back:
            break
        chosen = step
        if right[lead >= step].mean() >= wanted:
            break
    return float(chosen)


def abstention(validation: np.ndarray, validation_truth: np.ndarray, test: np.ndarray, truth: np.ndarray) -> Abstention:
    """Set on validation, measured on test."""
    margin, entropy = set_thresholds(validation, validation_truth)
    right = test.argmax(axis=1) == truth
    given = (margins(test) >= margin) & (entropies(test) <= entropy)
    return Abstention(margin, entropy, float((~given).mean()), share(right[given]), share(right[~given]))


def share(right: np.ndarray) -> float:
    """Share that is true; NaN for an empty array."""
    return float(right.mean()) if len(right) else float("nan")
