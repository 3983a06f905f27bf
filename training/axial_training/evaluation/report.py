"""The classification report of one question: a head, or a marginal of one."""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, roc_auc_score

from axial_training.evaluation.calibration import expected_calibration_error
from axial_training.evaluation.scores import accuracy, quadratic_weighted_kappa
from axial_training.families.family import Head, Marginal


@dataclass(frozen=True)
class Report:
    """Measured on probabilities [N, labels] against integer truth [N]."""

    name: str
    labels: tuple[str, ...]
    ordinal: bool
    probabilities: np.ndarray
    truth: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        """The most probable label of each example."""
        return self.probabilities.argmax(axis=1)

    def values(self) -> dict[str, float]:
        """The single numbers."""
        numbers = {
            "accuracy": accuracy(self.truth, self.predicted),
            "macroAuc": self.macro_auc(),
            "ece": expected_calibration_error(self.probabilities, self.truth),
        }
        if self.ordinal:
            numbers["quadraticWeightedKappa"] = quadratic_weighted_kappa(self.truth, self.predicted)
            numbers["meanAbsoluteError"] = float(np.abs(self.truth - self.predicted).mean())
        return numbers

    def macro_auc(self) -> float:
        """Mean over the labels present of the area under the one-against-rest curve."""
        areas = [
            roc_auc_score(self.truth == label, self.probabilities[:, label])
            for label in range(len(self.labels))
            if 0 < (self.truth == label).sum() < len(self.truth)
        ]
        return float(np.mean(areas))

    def per_class(self) -> list[dict]:
        """Precision, recall, F1 and support of each label."""
        columns = precision_recall_fscore_support(
            self.truth, self.predicted, labels=range(len(self.labels)), zero_division=0
        )
        return [
            {"label": label, "precision": float(p), "recall": float(r), "f1": float(f), "support": int(s)}
            for label, p, r, f, s in zip(self.labels, *columns, strict=True)
        ]

    def confusion(self) -> np.ndarray:
        """Counts [truth, predicted]."""
        return confusion_matrix(self.truth, self.predicted, labels=range(len(self.labels)))


def head_reports(head: Head, probabilities: np.ndarray, truth: np.ndarray) -> list[Report]:
    """The head's own report, then one per marginal."""
    own = Report(head.name, tuple(label.id for label in head.labels), head.ordinal, probabilities, truth)
    return [own, *(marginal_report(head, marginal, probabilities, truth) for marginal in head.marginals)]


def marginal_report(head: Head, marginal: Marginal, probabilities: np.ndarray, truth: np.ndarray) -> Report:
    """Probabilities summed over each group's labels."""
    ids = [label.id for label in head.labels]
    member = np.array([[label in group.of for group in marginal.groups] for label in ids], dtype=float)
    return Report(
        name=marginal.name,
        labels=tuple(group.label.id for group in marginal.groups),
        ordinal=False,
        probabilities=probabilities @ member,
        truth=member.argmax(axis=1)[truth],
    )
