"""The one-command path from a site's own copy of a published set to a `research` package, on small files of that shape."""

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from test_readers import KNEEMRI_COLUMNS, write_dicom, write_rows

from axial_training.command_line import build_parser, run_train
from axial_training.datasets.readers.mrnet import PLANES, TASKS
from axial_training.domain.recipes import DOMAINS, SITE, domain_recipe
from axial_training.families import registry
from axial_training.families.family import Stage
from axial_training.families.registry import FAMILIES
from axial_training.families.site_data import FITTING, LAYOUTS, site_family
from axial_training.learning.fitting import fit
from axial_training.package.write_package import write_package

MODELS = Path(__file__).parents[2] / "models"
EXAMS = 40
SIDE = 32


def volume(random: np.random.Generator, label: int, slices: int = 6) -> np.ndarray:
    """Noise whose brightness tells the label."""
    return random.integers(0, 400, (slices, SIDE, SIDE)) + 1200 * label


def write_kneemri(folder: Path) -> None:
    random = np.random.default_rng(0)
    rows = []
    for exam in range(EXAMS):
        (folder / f"{exam}-1.pck").write_bytes(pickle.dumps(volume(random, exam % 3).astype(np.int16), 2))
        rows.append([exam, 1, exam % 3, 1, 4, 4, 1, 20, 20, 4, f"{exam}-1.pck"])
    write_rows(folder / "metadata.csv", KNEEMRI_COLUMNS, *rows)


def write_mrnet(folder: Path) -> None:
    random = np.random.default_rng(0)
    for plane in PLANES:
        (folder / "train" / plane).mkdir(parents=True)
    for exam in range(EXAMS):
        for plane in PLANES:
            pixels = (volume(random, exam % 2) // 8).astype(np.uint8)
            np.save(folder / "train" / plane / f"{exam:04}.npy", pixels)
    for task in TASKS:
        write_rows(folder / f"train-{task}.csv", *([f"{exam:04}", exam % 2] for exam in range(EXAMS)))


def write_rsna(folder: Path) -> None:
    random = np.random.default_rng(0)
    grades = ("Normal/Mild", "Moderate", "Severe")
    sites = ("spinal_canal_stenosis", "left_neural_foraminal_narrowing", "right_neural_foraminal_narrowing",
             "left_subarticular_stenosis", "right_subarticular_stenosis")  # fmt: skip
    rows = [[study, *(grades[study % 3] for _ in sites)] for study in range(EXAMS)]
    write_rows(folder / "train.csv", ["study_id", *(f"{site}_l4_l5" for site in sites)], *rows)
    write_rows(
        folder / "train_label_coordinates.csv",
        ["study_id", "series_id", "instance_number", "condition", "level", "x", "y"],
        *([study, 7, 1, "Left Subarticular Stenosis", "L4/L5", 9, 9] for study in range(EXAMS)),
    )
    write_rows(
        folder / "train_series_descriptions.csv",
        ["study_id", "series_id", "series_description"],
        *([study, 7, "Axial T2"] for study in range(EXAMS)),
    )
    for study in range(EXAMS):
        write_dicom(folder / "train_images" / str(study) / "7" / "1.dcm", volume(random, study % 3)[0])


WRITERS = {"kneemri": write_kneemri, "mrnet": write_mrnet, "rsna-lumbar": write_rsna}
PAIRS = [(family, layout) for family, layouts in FITTING.items() for layout in layouts]


@pytest.mark.parametrize(("name", "layout"), PAIRS)
def test_exams_are_split_and_shown_as_the_network_takes_them(name: str, layout: str, tmp_path: Path):
    WRITERS[layout](tmp_path)
    family = site_family(FAMILIES[name], layout, None)
    parts = {split: family.load(tmp_path, split, SIDE) for split in ("train", "val", "test")}
    exams = [set(part.groups) for part in parts.values()]
    assert sum(map(len, exams)) == len(set.union(*exams)) == EXAMS
    train = parts["train"]
    assert train.labels.shape == (len(train.images), len(family.heads))
    assert train.images.dtype == np.uint8 and train.images.shape[2:] == (SIDE, SIDE)
    with torch.inference_mode():
        images = torch.zeros(2, *train.images.shape[1:])
        assert family.build(tmp_path).eval()(images).shape[1] == sum(len(head.labels) for head in family.heads)
    assert family.manifest()["evidence"] == "research"
    assert domain_recipe(family.id, "research") is SITE


def small(name: str, layout: str, start: Path | None):
    """One epoch of small images."""
    family = FAMILIES[name]
    recipe = replace(family.recipe, stages=(Stage(SIDE, 1, 1e-3),), batch=6)
    return site_family(replace(family, recipe=recipe, explainer=None), layout, start)


def test_a_package_comes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(DOMAINS, "knee-acl-mrnet")  # fitted to its foreign images in test_domain
    (tmp_path / "data").mkdir()
    write_mrnet(tmp_path / "data")
    family = small("knee-acl-mrnet", "mrnet", None)
    fit(family, tmp_path / "data", tmp_path / "run", resume=False)
    out = tmp_path / "knee-acl-mrnet" / "2.0.0"
    write_package(family, tmp_path / "data", tmp_path / "run", out)
    manifest = json.loads((out / "model.json").read_text())
    card = (out / "CARD.md").read_text()
    assert (manifest["evidence"], manifest["version"]) == ("research", "2.0.0")
    assert [label["id"] for label in manifest["heads"][0]["labels"]] == ["healthy", "injured"]
    assert [rule["distribution"] for rule in manifest["abstention"]] == ["acl-injury"]
    assert (
        "MRNet (Bien et al. 2018), the site's own copy" in card and "hantom" not in card.split("## Data")[1].split("##")[0]
    )


def test_it_starts_from_the_weights_of_a_package(tmp_path: Path):
    (package,) = (MODELS / "knee-acl-mrnet").iterdir()
    begun = small("knee-acl-mrnet", "mrnet", package).build(tmp_path).state_dict()
    other = small("knee-acl-mrnet", "mrnet", package).build(tmp_path).state_dict()
    name = "slice_network.features.4.0.weight"
    torch.testing.assert_close(begun[name], other[name])
    assert not torch.equal(begun["slice_network.classifier.weight"], other["slice_network.classifier.weight"])


def test_a_layout_that_does_not_fit_is_refused(tmp_path: Path):
    options = ["train", "lumbar-stenosis-cnn", "--layout", "mrnet", "--data", str(tmp_path), "--out", str(tmp_path)]
    with pytest.raises(SystemExit, match="rsna-lumbar"):
        run_train(build_parser().parse_args(options))
    assert set(LAYOUTS) == {layout for layouts in FITTING.values() for layout in layouts}
    assert set(FITTING) <= set(registry.FAMILIES)
