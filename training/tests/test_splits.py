"""No group is on two sides, large groups are on every side, and near-duplicates are found across labels."""

import csv
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from axial_training.datasets.image_folder import Example
from axial_training.datasets.near_duplicates import group_sizes, join_near_duplicates
from axial_training.datasets.splits import FRACTIONS, LARGE, continued_split, read_split, split_by_group, write_splits
from axial_training.families.split_images import DOUBTFUL_SUFFIX

FOLDER = Path(__file__).parents[1] / "splits"
COMMITTED = [path for path in sorted(FOLDER.glob("*.csv")) if not path.name.endswith(DOUBTFUL_SUFFIX)]


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


def in_groups(sizes: list[int]) -> list[Example]:
    """One label, groups of the given sizes."""
    return [Example(f"{group}-{i}.png", "a", str(group)) for group, size in enumerate(sizes) for i in range(size)]


def test_large_groups_are_spread_over_the_three_splits():
    examples = in_groups([1] * 200 + [2] * 60 + [5] * 40)
    splits = split_by_group(examples, seed=1)
    sizes = group_sizes(examples)
    for chosen in (sizes == 1, sizes == 2, sizes >= LARGE):
        sides = Counter(splits[example.file] for example, here in zip(examples, chosen, strict=True) if here)
        for split, fraction in FRACTIONS.items():
            assert abs(sides[split] / chosen.sum() - fraction) < 0.03


def test_a_lone_large_group_may_come_out_anywhere():
    sides = Counter(split_by_group(in_groups([1] * 20 + [6]), seed)["20-0.png"] for seed in range(300))
    assert {split: sides[split] / 300 for split in FRACTIONS} == pytest.approx(FRACTIONS, abs=0.08)


def picture(seed: int) -> np.ndarray:
    """A smooth bright blob pattern on black, uint8 [96, 96]."""
    field = gaussian_filter(np.random.default_rng(seed).normal(size=(64, 64)), 5)
    inner = 60 + 190 * (field - field.min()) / np.ptp(field)
    return np.pad(inner, 16).astype(np.uint8)


def test_near_duplicates_are_found_across_labels_crops_and_sizes(tmp_path: Path):
    first, other = Image.fromarray(picture(1)), Image.fromarray(picture(2))
    pictures = {"a": first, "cropped": first.crop((10, 10, 86, 86)), "smaller": first.resize((70, 90)), "other": other}
    for name, image in pictures.items():
        image.save(tmp_path / f"{name}.png")
    labels = ["glioma", "meningioma", "glioma", "glioma"]
    examples = [Example(f"{name}.png", label, name) for name, label in zip(pictures, labels, strict=True)]
    joined = join_near_duplicates(examples, tmp_path, alike=0.97)
    assert [example.group for example in joined] == ["a", "a", "a", "other"]
    assert group_sizes(joined).tolist() == [3, 3, 3, 1]


def test_same_seed_same_split_other_seed_other_split():
    assert split_by_group(made_up(), 1) == split_by_group(made_up(), 1)
    assert split_by_group(made_up(), 1) != split_by_group(made_up(), 2)


def test_a_continued_split_keeps_from_measurement_what_weights_saw():
    first = {"0-0.png": "test", "0-1.png": "train", "1-0.png": "val", "1-1.png": "test", "2-0.png": "test"}
    sides = continued_split(in_groups([2, 2, 1]), first)
    assert sides == {"0-0.png": "train", "0-1.png": "train", "1-0.png": "val", "1-1.png": "val", "2-0.png": "test"}


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


def test_the_brain_split_has_groups_of_every_size_on_every_side():
    with (FOLDER / "brain-tumour.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    sizes = Counter(row["group"] for row in rows)
    for low, high in ((1, 1), (2, 2), (LARGE, 99)):
        sides = Counter(row["split"] for row in rows if low <= sizes[row["group"]] <= high)
        for split, fraction in FRACTIONS.items():
            assert abs(sides[split] / sides.total() - fraction) < 0.04
