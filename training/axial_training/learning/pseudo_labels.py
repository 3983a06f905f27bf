"""Soft labels of films that have none, as a finished package answers them (Xie et al. 2020, arXiv:1911.04252)."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from axial_training.datasets.image_folder import read_grey
from axial_training.datasets.near_duplicates import thumbnail
from axial_training.package.package_answers import answers_of

MOST_OF_A_GRADE = 700  # images of one most probable label: the common ones would drown the rare ones
DIGITS = 3


@dataclass(frozen=True)
class PseudoLabels:
    """Files and their probabilities [N, labels]."""

    files: tuple[str, ...]
    probabilities: np.ndarray


def pseudo_label(package: Path, folder: Path, kept_out: list[Path], alike: float, seed: int) -> PseudoLabels:
    """Answers of `package` for images of `folder`, at most MOST_OF_A_GRADE of a label, drawn by `seed`.

    What correlates above `alike` with one of the files `kept_out` (validation and test films) is left out.
    """
    files = np.array(sorted(path.name for path in folder.glob("*.jpg")))
    held = np.stack([thumbnail(read_grey(path)) for path in kept_out])
    mirrored = held.reshape(len(held), *(int(held.shape[1] ** 0.5),) * 2)[:, :, ::-1].reshape(held.shape)
    shown = np.stack([thumbnail(read_grey(folder / file)) for file in files])
    files = files[np.maximum(shown @ held.T, shown @ mirrored.T).max(axis=1) <= alike]
    probabilities = answers_of(package, [folder / file for file in files])
    random, likeliest = np.random.default_rng(seed), probabilities.argmax(axis=1)
    chosen = np.sort(
        np.concatenate(
            [
                random.permutation(np.flatnonzero(likeliest == label))[:MOST_OF_A_GRADE]
                for label in range(probabilities.shape[1])
            ]
        )
    )
    return PseudoLabels(tuple(files[chosen].tolist()), probabilities[chosen])


def write_pseudo_labels(path: Path, labels: PseudoLabels, names: list[str]) -> None:
    """Write columns file and one per label."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["file", *names])
        for file, row in zip(labels.files, labels.probabilities, strict=True):
            writer.writerow([file, *(f"{value:.{DIGITS}f}" for value in row)])


def read_pseudo_labels(path: Path) -> PseudoLabels:
    """What `write_pseudo_labels` wrote; rows add up to 1."""
    with path.open(newline="", encoding="utf-8") as stream:
        _, *rows = csv.reader(stream)
    values = np.array([[float(value) for value in row[1:]] for row in rows], np.float32)
    return PseudoLabels(tuple(row[0] for row in rows), values / values.sum(axis=1, keepdims=True))
