"""Group-wise, label-stratified splits, written to disk."""

import csv
import random
from collections import Counter, defaultdict
from pathlib import Path

from axial_training.datasets.image_folder import Example

FRACTIONS = {"train": 0.70, "val": 0.15, "test": 0.15}


def split_by_group(examples: list[Example], seed: int) -> dict[str, str]:
    """File → split name. Every group is on one side; each label is divided in the given fractions as near as whole
    groups allow."""
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[example.group].append(example)
    by_label: dict[str, list[str]] = defaultdict(list)
    for group, members in sorted(groups.items()):
        by_label[Counter(member.label for member in members).most_common(1)[0][0]].append(group)
    shuffler = random.Random(seed)
    assigned: dict[str, str] = {}
    for _, names in sorted(by_label.items()):
        shuffler.shuffle(names)
        names.sort(key=lambda name: -len(groups[name]))  # large groups first, while every split has room
        assigned.update(_fill(names, groups))
    return {example.file: assigned[example.group] for example in examples}


def _fill(names: list[str], groups: dict[str, list[Example]]) -> dict[str, str]:
    """Give each group to the split that is furthest below its share."""
    total = sum(len(groups[name]) for name in names)
    missing = {split: fraction * total for split, fraction in FRACTIONS.items()}
    assigned = {}
    for name in names:
        split = max(missing, key=missing.__getitem__)
        assigned[name] = split
        missing[split] -= len(groups[name])
    return assigned


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
