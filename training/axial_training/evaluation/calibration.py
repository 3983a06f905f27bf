"""Temperature scaling and calibration error (Guo et al. 2017, arXiv:1706.04599)."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import minimize, minimize_scalar
from torch import Tensor
from torch.nn import functional

from axial_training.families.family import Head

BINS = 15
DRAWS = 200
BIAS_PENALTY = 0.002  # on the sum of squared biases: few validation images must not decide alone
TEMPERATURES = (0.5, 5.0)  # where every validation image is right, the likelihood alone would go to zero
BIASED_TEMPERATURES = (0.1, 5.0)  # of a head by itself


@dataclass(frozen=True)
class Calibration:
    """What makes probabilities of logits: `logits / temperature + bias`, then softmax. One temperature a head; one bias for
    each label of each head, hidden answers included, or none at all."""

    temperatures: tuple[float, ...]
    biases: tuple[tuple[float, ...], ...] = ()

    def of(self, column: int, logits: Tensor) -> Tensor:
        """A head's logits [N, labels], calibrated."""
        shown = logits / self.temperatures[column]
        return shown + torch.tensor(self.biases[column], dtype=logits.dtype) if self.biases else shown


def as_it_is(heads: tuple[Head, ...]) -> Calibration:
    """Changes nothing."""
    return Calibration((1.0,) * len(heads))


def fit_calibration(logits: Tensor, labels: np.ndarray, heads: tuple[Head, ...], biased: bool) -> Calibration:
    """One temperature for all heads, or, `biased`, a temperature and biases of their own for each.

    Logits [N, sum of labels], labels [N, heads].
    """
    temperature = fit_temperature(logits, labels, heads)
    if not biased:
        return Calibration((temperature,) * len(heads))
    parts = logits.split([len(head.labels) for head in heads], dim=1)
    found = [fit_biases(part, labels[:, column], temperature) for column, part in enumerate(parts)]
    return Calibration(tuple(one for one, _ in found), tuple(biases for _, biases in found))


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


def fit_biases(logits: Tensor, labels: np.ndarray, temperature: float) -> tuple[float, tuple[float, ...]]:
    """A temperature, and a bias for each label to add to the divided logits [N, labels], that minimise the mean negative
    log-likelihood together; the search starts at `temperature` and stays in BIASED_TEMPERATURES. Labels [N].

    Class weights in training make rare labels likelier than they are; a temperature alone cannot take that back.
    """
    values = logits.double().numpy()
    rows = np.arange(len(labels))

    def loss(parameters: np.ndarray) -> float:
        shown = values / np.exp(parameters[0]) + parameters[1:]
        logs = shown - np.logaddexp.reduce(shown, axis=1, keepdims=True)
        return float(-logs[rows, labels].mean() + BIAS_PENALTY * (parameters[1:] ** 2).sum())

    start = np.concatenate([[np.log(temperature)], np.zeros(values.shape[1])])
    bounds = [tuple(np.log(BIASED_TEMPERATURES)), *[(None, None)] * values.shape[1]]
    found = minimize(loss, start, method="L-BFGS-B", bounds=bounds).x
    biases = found[1:] - found[1:].mean()
    return round(float(np.exp(found[0])), 4), tuple(round(float(bias), 4) for bias in biases)


def expected_calibration_error(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Mean distance of confidence and accuracy over equal-width bins of confidence, weighted by their counts."""
    return float(sum(abs(b["confidence"] - b["accuracy"]) * b["share"] for b in reliability(probabilities, truth)))


def chance_calibration_error(probabilities: np.ndarray, seed: int) -> float:
    """The mean calibration error of labels drawn from the probabilities [N, K]: what chance alone makes of N images."""
    random = np.random.default_rng(seed)
    cumulative = probabilities.cumsum(axis=1)
    drawn = (random.random((DRAWS, len(probabilities), 1)) * cumulative[:, -1:] > cumulative).sum(axis=2)
    return float(np.mean([expected_calibration_error(probabilities, truth) for truth in drawn]))


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
