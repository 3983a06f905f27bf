"""Thresholds for "indeterminate" of every head, and their entries in model.json."""

import numpy as np

from axial_training.evaluation.abstention import Abstention, abstention
from axial_training.evaluation.report import head_reports
from axial_training.families.family import Head


def thresholds_of(
    heads: tuple[Head, ...],
    validation: tuple[list[np.ndarray], np.ndarray],
    test: tuple[list[np.ndarray], np.ndarray],
) -> dict[str, Abstention]:
    """Of the heads and of their marginals, by name; `validation` and `test` are the heads' probabilities [N, labels] and the
    true labels [N, heads]."""
    found = {}
    for column, head in enumerate(heads):
        own, other = (head_reports(head, parts[column], labels[:, column]) for parts, labels in (validation, test))
        for left, right in zip(own, other, strict=True):
            found[left.name] = abstention(left.probabilities, left.truth, right.probabilities, right.truth)
    return found


def abstention_entries(heads: tuple[Head, ...], thresholds: dict[str, Abstention], count: int) -> list[dict]:
    """The heads' rules, for packages whose unit of measurement is what they answer for: an image, or a series."""
    return [abstention_entry(head.name, thresholds[head.name], count) for head in heads]


def abstention_entry(name: str, rule: Abstention, count: int) -> dict:
    """One head's thresholds, and what they do on the test split."""
    kept_back = f" and {rule.right_kept_back:.1%} of those" if rule.kept_back else ""
    return {
        "distribution": name,
        "minimumMargin": rule.minimum_margin,
        "maximumEntropy": rule.maximum_entropy,
        "measuredOn": (
            f"set on validation; {rule.kept_back:.1%} of {count} test examples are kept back; "
            f"{rule.right_given:.1%} of the others are right{kept_back}"
        ),
    }
