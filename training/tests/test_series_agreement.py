"""The rule for series: set on some slices, measured on others, written into a package."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from axial_training.evaluation.apply_agreement import apply_agreement
from axial_training.evaluation.series_agreement import SHARES, Slices, pseudo_series, read_slices, set_rule

TUMOURS, PLANES = ("glioma", "meningioma", "pituitary", "none"), ("coronal", "sagittal", "transverse")
(PACKAGE,) = (Path(__file__).parents[2] / "models" / "brain-tumour-baseline").iterdir()


def slices(accuracy: float, each: int = 20) -> Slices:
    """Slices of every label, of which a part is right, all sure of themselves."""
    random = np.random.default_rng(1)
    labels = np.array([f"{tumour}-{plane}" for tumour in TUMOURS for plane in PLANES for _ in range(each)])
    truth = np.array([TUMOURS.index(label.split("-")[0]) for label in labels])
    shown = np.where(random.random(len(truth)) < accuracy, truth, (truth + random.integers(1, 4, len(truth))) % 4)
    probabilities = np.full((len(truth), 4), 0.02)
    probabilities[np.arange(len(truth)), shown] = 0.94
    return Slices(probabilities, list(TUMOURS), labels)


def test_a_tumour_in_a_quarter_of_the_slices_is_not_outvoted():
    sure = slices(accuracy=1.0)
    rule = set_rule(sure)
    assert rule.agreement == 0.8 and rule.margin == 0
    given = {part: votes.given(rule).mean() for part, votes in pseudo_series(sure).items()}
    assert given == {1.0: 1, 0.75: 0, 0.5: 0, 0.25: 0}


def test_a_rule_that_keeps_back_too_much_is_not_set():
    rule = set_rule(slices(accuracy=0.8))
    whole = pseudo_series(slices(accuracy=0.8))[1.0]
    assert (~whole.given(rule)).mean() <= 0.25


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two slices of every label on each side, and their split."""
    rows = [(side, f"{t}-{p}", i) for side in ("val", "test") for t in TUMOURS for p in PLANES for i in range(2)]
    random = np.random.default_rng(2)
    with (tmp_path / "split.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "label", "group", "split"])
        for side, label, index in rows:
            name = f"{side}-{label}-{index}.png"
            Image.fromarray(random.integers(20, 90, (64, 64), dtype=np.uint8)).save(tmp_path / name)
            writer.writerow([name, label, name, side])
    shutil.copytree(PACKAGE, tmp_path / "package")
    return tmp_path


def test_slices_are_shown_as_the_package_says(folder: Path):
    found = read_slices(folder / "package", folder, folder / "split.csv", "val")
    for path in folder.glob("val-*.png"):
        pixels = np.asarray(Image.open(path))
        Image.fromarray((pixels - 20) * 2).save(path)  # the percentiles take that back
    brighter = read_slices(folder / "package", folder, folder / "split.csv", "val")
    np.testing.assert_allclose(brighter.probabilities, found.probabilities, atol=0.02)
    np.testing.assert_allclose(found.probabilities.sum(1), 1, atol=1e-5)
    assert len(found.labels) == 24


def test_the_rule_is_written_once_into_model_json_and_card(folder: Path):
    figures = apply_agreement(folder / "package", folder, folder / "split.csv")
    first = {path.name: path.read_bytes() for path in (folder / "package").iterdir()}
    apply_agreement(folder / "package", folder, folder / "split.csv")
    assert first == {path.name: path.read_bytes() for path in (folder / "package").iterdir()}
    (rule,) = json.loads(first["model.json"])["abstention"]
    assert rule["minimumAgreement"] == figures.rule.agreement and rule["minimumMargin"] == figures.rule.margin
    assert first["CARD.md"].decode().count("\n## Series\n") == 1
    assert [one.tumour_share for one in figures.series] == list(SHARES)
