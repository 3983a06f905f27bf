"""Films without a grade: what a package says of them, without those that are measured on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from axial_training.architectures.ensemble import Ensemble
from axial_training.architectures.knee_joint import SIDE, KneeJointNetwork
from axial_training.architectures.mobilenet_v2 import MobileNetV2
from axial_training.families.knee_oa_kl import WHOLE_SIDE
from axial_training.families.registry import FAMILIES
from axial_training.learning.pseudo_labels import PseudoLabels, pseudo_label, read_pseudo_labels, write_pseudo_labels
from axial_training.package.unpack_weights import started_from

(PACKAGE,) = (Path(__file__).parents[2] / "models" / "knee-oa-kl-cnn").iterdir()


def write_picture(path: Path, seed: int, mirrored: bool = False) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (16, 16), dtype=np.uint8)
    image = Image.fromarray(pixels[:, ::-1] if mirrored else pixels).resize((64, 64), Image.Resampling.BICUBIC)
    image.save(path, quality=95)


def test_films_that_are_measured_on_are_left_out_mirrored_or_not(tmp_path: Path):
    folder, held = tmp_path / "films", tmp_path / "held.jpg"
    folder.mkdir()
    write_picture(held, 1)
    for name, seed, mirrored in (("a", 1, False), ("b", 1, True), ("c", 2, False), ("d", 3, False), ("e", 4, False)):
        write_picture(folder / f"{name}.jpg", seed, mirrored)
    found = pseudo_label(PACKAGE, folder, [held], 0.985, seed=0)
    assert found.files == ("c.jpg", "d.jpg", "e.jpg")
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, rtol=1e-5)


def test_what_was_written_is_read_back_and_adds_up(tmp_path: Path):
    labels = PseudoLabels(("a.jpg", "b.jpg"), np.array([[1 / 3, 2 / 3], [0.25, 0.75]]))
    write_pseudo_labels(tmp_path / "labels.csv", labels, ["grade-0", "grade-1"])
    found = read_pseudo_labels(tmp_path / "labels.csv")
    assert found.files == labels.files
    np.testing.assert_allclose(found.probabilities, labels.probabilities, atol=1e-3)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, rtol=1e-6)


def untrained(data: Path) -> Ensemble:
    return Ensemble([MobileNetV2(5), KneeJointNetwork(MobileNetV2(5))], (WHOLE_SIDE, SIDE))


def test_members_of_an_ensemble_start_from_the_weights_of_a_package():
    started = started_from(replace(FAMILIES["knee-oa-kl-cnn"], build=untrained), PACKAGE)
    whole, joint = (member.build(Path()) for member in started.members)
    ensemble = started.build(Path())
    for member, network in zip(ensemble.members, (whole, joint), strict=True):
        last, own = member.state_dict(), network.state_dict()
        assert last.keys() == own.keys()
        weights = next(name for name in last if name.endswith("classifier.weight"))
        assert torch.equal(last[weights], own[weights])
