"""Group-wise splits, stratified by label and by the groups' sizes, written to disk."""

import csv
import random
from collections import Counter, defaultdict
from pathlib import Path

from axial_training.datasets.image_folder import Example

FRACTIONS = {"train": 0.70, "val": 0.15, "test": 0.15}
LARGE = 3  # images; groups of this size and more are one stratum


def split_by_group(examples: list[Example], seed: int) -> dict[str, str]:
    """File → split name. Every group is on one side, and chance alone says on which.

    Groups of one label (their commonest) and one size (1, 2, more) are a stratum, and each stratum is divided in the given
    fractions, so that images with near-duplicates are as common in the test split as in training.
    """
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[example.group].append(example)
    strata: dict[tuple[str, int], list[str]] = defaultdict(list)
    for group, members in sorted(groups.items()):
        label = Counter(member.label for member in members).most_common(1)[0][0]
        strata[label, min(len(members), LARGE)].append(group)
    chance = random.Random(seed)
    assigned: dict[str, str] = {}
    for _, names in sorted(strata.items()):
        chance.shuffle(names)
        assigned.update(zip(names, systematic_sample(len(names), chance.random()), strict=True))
    return {example.file: assigned[example.group] for example in examples}


def continued_split(examples: list[Example], first: dict[str, str]) -> dict[str, str]:
    """File → split name for weights that were trained on another split, `first`.

    A group of which anything was trained on stays in training; one of which anything picked the epoch goes to validation;
    what is left was never seen and has no near-duplicate in what was.
    """
    sides: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        sides[example.group].add(first[example.file])
    return {example.file: next(split for split in FRACTIONS if split in sides[example.group]) for example in examples}


def read_sides(path: Path) -> dict[str, str]:
    """File → split name, as `write_splits` wrote them."""
    with path.open(newline="", encoding="utf-8") as stream:
        return {row["file"]: row["split"] for row in csv.DictReader(stream)}


def systematic_sample(count: int, start: float) -> list[str]:
    """A split for each of `count` groups in random order: equal steps from a random start along the fractions.

    Each group has the fractions' chances, also where a stratum has fewer groups than there are splits.
    """
    return [at_fraction((index + start) / count) for index in range(count)]


def at_fraction(position: float) -> str:
    """The split whose part of 0…1 holds `position`."""
    for split, fraction in FRACTIONS.items():
        position -= fraction
        if position < 0:
            return split
    return "test"


def write_splits(path: Path, examples: list[Example], splits: dict[str, str]) -> None:
    """Write columns file, label, group, split."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["file", "label", "group", "split"])
        for example in examples:
            writer.writerow([example.file, example.label, example.group, splits[example.file]])


def read_split(path: Path, split: str) -> list[Example]:
    """The examples of one split, in file order."""
    with path.open(newline="", encoding="utf-8") as stream:
        return [Example(row["file"], row["label"], row["group"]) for row in csv.DictReader(stream) if row["split"] == split]
