"""PNG figures for the card."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import roc_curve

from axial_training.evaluation.calibration import reliability
from axial_training.evaluation.report import Report

DOTS_PER_INCH = 80


def confusion_figure(report: Report, path: Path) -> None:
    """Counts, shaded by recall."""
    counts = report.confusion()
    side = max(3.2, 0.52 * len(report.labels) + 1.8)
    figure, axes = plt.subplots(figsize=(side, side))
    axes.imshow(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*counts.shape):
        shade = counts[row, column] / max(counts[row].sum(), 1)
        axes.text(column, row, counts[row, column], ha="center", va="center", color="white" if shade > 0.5 else "black")
    axes.set_xticks(range(len(report.labels)), report.labels, rotation=90)
    axes.set_yticks(range(len(report.labels)), report.labels)
    axes.set_xlabel("predicted")
    axes.set_ylabel("truth")
    axes.set_title(f"{report.name}, n = {len(report.truth)}")
    save(figure, path)


def roc_figure(report: Report, path: Path) -> None:
    """One-against-rest curves."""
    figure, axes = plt.subplots(figsize=(5, 5))
    for label, name in enumerate(report.labels):
        if (report.truth == label).any():
            wrong, right, _ = roc_curve(report.truth == label, report.probabilities[:, label])
            axes.plot(wrong, right, linewidth=1, label=name)
    axes.plot([0, 1], [0, 1], "k:", linewidth=0.8)
    axes.set_xlabel("false positive rate")
    axes.set_ylabel("true positive rate")
    axes.set_title(report.name)
    axes.legend(fontsize=7)
    save(figure, path)


def reliability_figure(report: Report, path: Path) -> None:
    """Accuracy against confidence."""
    bins = reliability(report.probabilities, report.truth)
    figure, axes = plt.subplots(figsize=(4, 4))
    axes.plot([0, 1], [0, 1], "k:", linewidth=0.8)
    sizes = [20 + 300 * b["share"] for b in bins]
    axes.scatter([b["confidence"] for b in bins], [b["accuracy"] for b in bins], s=sizes, alpha=0.6)
    axes.set_xlabel("confidence")
    axes.set_ylabel("accuracy")
    axes.set_title(f"{report.name}: calibration")
    save(figure, path)


def curves_figure(history: list[dict[str, str]], path: Path) -> None:
    """Losses and the validation score over all epochs."""
    epochs = range(1, len(history) + 1)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2))
    for column in ("train_loss", "val_loss"):
        left.plot(epochs, [float(row[column]) for row in history], label=column.replace("_", " "))
    right.plot(epochs, [float(row["val_score"]) for row in history], color="tab:green")
    left.legend()
    left.set_title("loss")
    right.set_title("validation score")
    for axes in (left, right):
        axes.set_xlabel("epoch")
    save(figure, path)


def save(figure: plt.Figure, path: Path) -> None:
    """Write and close."""
    figure.tight_layout()
    figure.savefig(path, dpi=DOTS_PER_INCH)
    plt.close(figure)
