"""Labels that a simple classifier, which never saw the image, is sure are wrong."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from axial_training.families.family import Dataset, Family
from axial_training.learning.normalisation import normalise, to_unit

SIZE = 192
FOLDS = 5
BATCH = 32
PENALTY = 0.003  # inverse strength of the regularisation
SURE = 0.9  # probability of another label
UNLIKELY = 0.03  # probability of the label given


@dataclass(frozen=True)
class Doubt:
    """An image whose label is doubtful."""

    file: str
    label: str
    found: str
    probability: float  # of `found`


def find_doubtful(family: Family, data: Path) -> list[Doubt]:
    """Doubtful labels of all splits, by logistic regression on the start weights' features.

    Training images are judged by models of the other folds of the training split, the others by a model of the whole
    training split: what is found there cannot have come from validation or test images.
    """
    network = family.build(data).eval()
    train, *others = (family.load(data, split, SIZE) for split in ("train", "val", "test"))
    features, labels = describe(network, train), train.labels[:, 0]
    probabilities = np.zeros((len(labels), len(family.heads[0].labels)))
    for fit, judge in GroupKFold(FOLDS, shuffle=True, random_state=family.recipe.seed).split(features, labels, train.groups):
        probabilities[judge] = judged(features[fit], labels[fit], features[judge], probabilities.shape[1])
    doubts = doubts_of(family, train, probabilities)
    for other in others:
        doubts += doubts_of(family, other, judged(features, labels, describe(network, other), probabilities.shape[1]))
    return sorted(doubts, key=lambda doubt: doubt.file)


def judged(features: np.ndarray, labels: np.ndarray, others: np.ndarray, count: int) -> np.ndarray:
    """[N, count] probabilities of `others` by a model fitted to `features`."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, max_iter=300, class_weight="balanced"))
    model.fit(features, labels)
    found = np.zeros((len(others), count))
    found[:, model.classes_] = model.predict_proba(others)
    return found


def doubts_of(family: Family, dataset: Dataset, probabilities: np.ndarray) -> list[Doubt]:
    """Where another label is nearly certain and the one given nearly excluded."""
    names = [label.id for label in family.heads[0].labels]
    truth = dataset.labels[:, 0]
    found = probabilities.argmax(axis=1)
    own, best = probabilities[np.arange(len(truth)), truth], probabilities.max(axis=1)
    return [
        Doubt(dataset.names[i], names[truth[i]], names[found[i]], round(float(best[i]), 3))
        for i in np.flatnonzero((best > SURE) & (own < UNLIKELY))
    ]


@torch.inference_mode()
def describe(network: torch.nn.Module, dataset: Dataset) -> np.ndarray:
    """[N, D]: mean and deviation of the maps of several depths."""
    parts = []
    for start in range(0, len(dataset.images), BATCH):
        images = to_unit(torch.from_numpy(dataset.images[start : start + BATCH]))
        _, features = network.logits_and_features(normalise(images))
        parts.append(torch.cat([part for level in features for part in (level.mean((2, 3)), level.std((2, 3)))], 1))
    return torch.cat(parts).numpy()


def write_doubts(path: Path, doubts: list[Doubt]) -> None:
    """Write columns file, label, found, probability."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["file", "label", "found", "probability"])
        writer.writerows([doubt.file, doubt.label, doubt.found, doubt.probability] for doubt in doubts)
