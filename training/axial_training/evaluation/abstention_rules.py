"""Thresholds for "indeterminate" of every head, in model.json and in the card."""

import json
import math
from pathlib import Path

import numpy as np

from axial_training.evaluation.abstention import Abstention, abstention
from axial_training.evaluation.card_sections import put_section
from axial_training.evaluation.report import head_reports
from axial_training.families.family import Family, Head
from axial_training.package.manifest import ordered

HEADING = 'When to say "indeterminate"'
FOLLOWING = "Explanation"


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


def write_thresholds(package: Path, family: Family, thresholds: dict[str, Abstention], count: int) -> None:
    """Write the card's section, and the rules into model.json where what is measured is what is answered for: an image, or a
    series. A package that answers with a mean over single slices has a rule for that (`apply_agreement`)."""
    if not family.series_from:
        path = package / "model.json"
        manifest = json.loads(path.read_text()) | {"abstention": abstention_entries(family.heads, thresholds, count)}
        path.write_text(json.dumps(ordered(manifest), indent=2, ensure_ascii=False) + "\n")
    put_section(package / "CARD.md", HEADING, thresholds_section(thresholds, bool(family.series_from)), FOLLOWING)


def thresholds_section(thresholds: dict[str, Abstention], of_slices: bool) -> str:
    """What the thresholds are and do."""
    rows = "\n".join(
        f"| {name} | {a.minimum_margin:.2f} | {a.maximum_entropy:.2f} | {a.kept_back:.1%} | {share(a.right_given)} | "
        f"{share(a.right_kept_back)} |"
        for name, a in thresholds.items()
    )
    where = "Those of the heads are in `model.json` (`abstention`)."
    if of_slices:
        where = "The mean over a series is less sure than its slices and has a rule of its own (*Series*; `abstention`)."
    return f"""Of one answer: the least lead of the first label over the second (`minimumMargin`) at which 99 % of
the answers given are right on the validation split, keeping back a quarter at most; and the entropy in parts of its maximum
(`maximumEntropy`) that 1 % of those exceed. {where}
On the test split:

| question | minimum margin | maximum entropy | kept back | right of those given | right of those kept back |
|---|---|---|---|---|---|
{rows}

`python -m axial_training thresholds` writes this section again."""


def share(value: float) -> str:
    """A dash where there was no example."""
    return "–" if math.isnan(value) else f"{value:.3f}"


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
