"""What an exported graph answers for a family's images."""

import numpy as np
from onnxruntime import InferenceSession

from axial_training.families.family import Dataset, Family
from axial_training.package.export_graph import INPUT

BATCH = 32


def predict_heads(family: Family, session: InferenceSession, dataset: Dataset) -> list[np.ndarray]:
    """Probabilities [N, labels] of each head, over series where images are series."""
    outputs = [head.output for head in family.heads]
    return [over_series(part, dataset.images) for part in run_batches(session, outputs, as_slices(dataset.images))]


def as_slices(images: np.ndarray) -> np.ndarray:
    """[N, slices, S, S] → [N · slices, 1, S, S]."""
    return images.reshape(-1, 1, *images.shape[-2:])


def over_series(probabilities: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Maximum over each series' slices, divided by its sum; single slices stay as they are."""
    highest = probabilities.reshape(len(images), images.shape[1], -1).max(axis=1)
    return highest / highest.sum(axis=1, keepdims=True)


def run_batches(session: InferenceSession, outputs: list[str], images: np.ndarray) -> list[np.ndarray]:
    """Outputs of the graph for all images."""
    parts = [session.run(outputs, {INPUT: images[i : i + BATCH]}) for i in range(0, len(images), BATCH)]
    return [np.concatenate(columns) for columns in zip(*parts, strict=True)]
