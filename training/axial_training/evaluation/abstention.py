"""When to answer "indeterminate": thresholds on an answer's own probabilities, set on validation."""

from dataclasses import dataclass

import numpy as np

WANTED = 0.95  # of the answers that are given, right on validation
MOST_KEPT_BACK = 0.25  # of the validation images: a threshold that costs more is no use
STEPS = np.round(np.arange(0.2, 0.951, 0.01), 2)


@dataclass(frozen=True)
class Abstention:
    """Smallest probability of the winner, largest entropy (of 1), smallest lead over the second; and what they do."""

    least_probability: float
    most_entropy: float
    least_margin: float
    kept_back: float  # share of the test images
    right_given: float  # share right of the answers given, test
    right_kept_back: float  # share right of those kept back, test


def measures(probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of [N, K]: largest probability, entropy in parts of log K, lead of the first over the second."""
    ranked = np.sort(probabilities, axis=1)
    logs = np.log(np.clip(probabilities, 1e-12, 1))
    return ranked[:, -1], -(probabilities * logs).sum(1) / np.log(probabilities.shape[1]), ranked[:, -1] - ranked[:, -2]


def set_thresholds(validation: np.ndarray, truth: np.ndarray) -> tuple[float, float, float]:
    """The least probability at which WANTED of the answers given are right; entropy and lead at the same share kept back."""
    best, entropy, margin = measures(validation)
    right = validation.argmax(axis=1) == truth
    chosen = STEPS[0]
    for step in STEPS:
        given = best >= step
        if (~given).mean() > MOST_KEPT_BACK:
            break
        chosen = step
        if right[given].mean() >= WANTED:
            break
    share = float((best < chosen).mean())
    return float(chosen), round(float(np.quantile(entropy, 1 - share)), 2), round(float(np.quantile(margin, share)), 2)


def abstention(validation: np.ndarray, validation_truth: np.ndarray, test: np.ndarray, truth: np.ndarray) -> Abstention:
    """Set on validation, measured on test; the probability alone decides in the measurement."""
    thresholds = set_thresholds(validation, validation_truth)
    best, _, _ = measures(test)
    right, given = test.argmax(axis=1) == truth, best >= thresholds[0]
    return Abstention(*thresholds, float((~given).mean()), mean(right[given]), mean(right[~given]))


def mean(values: np.ndarray) -> float:
    """NaN of none."""
    return float(values.mean()) if len(values) else float("nan")
