"""No group is on two sides, and the committed splits are what the seed gives."""

from collections import defaultdict
from pathlib import Path

import pytest

from axial_training.datasets.image_folder import Example
from axial_training.datasets.splits import FRACTIONS, read_split, split_by_group, write_splits

COMMITTED = sorted((Path(__file__).parents[1] / "splits").glob("*.csv"))


def made_up(count: int = 400) -> list[Example]:
    return [Example(f"{i}.png", "rare" if i % 10 == 0 else "common", str(i // 3)) for i in range(count)]


def test_groups_stay_together_and_shares_are_kept():
    examples = made_up()
    splits = split_by_group(examples, seed=1)
    sides = defaultdict(set)
    for example in examples:
        sides[example.group].add(splits[example.file])
    assert all(len(side) == 1 for side in sides.values())
    for split, fraction in FRACTIONS.items():
        assert abs(sum(side == split for side in splits.values()) / len(examples) - fraction) < 0.02


def test_same_seed_same_split_other_seed_other_split():
    assert split_by_group(made_up(), 1) == split_by_group(made_up(), 1)
    assert split_by_group(made_up(), 1) != split_by_group(made_up(), 2)


def test_written_splits_are_read_back(tmp_path: Path):
    examples = made_up(30)
    splits = split_by_group(examples, 1)
    write_splits(tmp_path / "splits.csv", examples, splits)
    assert {e.file for e in read_split(tmp_path / "splits.csv", "val")} == {f for f, s in splits.items() if s == "val"}


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_committed_splits_keep_groups_together(path: Path):
    sides = defaultdict(set)
    files = []
    for split in FRACTIONS:
        for example in read_split(path, split):
            sides[example.group].add(split)
            files.append(example.file)
    assert len(files) == len(set(files)) > 0
    assert all(len(side) == 1 for side in sides.values())
