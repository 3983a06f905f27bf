"""The maps of the committed packages are connected to the decision.

Phantom families are checked on freshly generated phantoms; families trained on images need the data folder, in
AXIAL_DATA or beside the checkout, and are skipped without it.
"""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from axial_training.evaluation.explanation import check_explanation
from axial_training.families.registry import FAMILIES
from axial_training.package.export_graph import MAPS_OUTPUT
from axial_training.package.golden import cpu_session
from axial_training.package.write_package import middle_slices, run_batches
from axial_training.phantoms.knee import COMPLETE, HEALTHY, PARTIAL, knee_slice
from axial_training.phantoms.lumbar import draw_stenosis, lumbar_slice

MODELS = Path(__file__).parents[2] / "models"
BESIDE = Path(__file__).parents[3] / "shared" / "data"
DATA = os.environ.get("AXIAL_DATA") or (str(BESIDE) if BESIDE.is_dir() else None)
REQUIRED = 0.80
COUNT = 90


def short(family: str, why: str):
    """A package that is known to fall short; the figures are in its card."""
    return pytest.param(family, marks=pytest.mark.xfail(reason=why, strict=False))


KNEE_PHANTOMS = (
    short("knee-acl-mobilenetv2", "the hottest tenth beats a random tenth in 79 % of these, in 88 % of the test split"),
    short("knee-acl-mrnet", "the hottest point is in the lesion's box in 70 % of these, in 84 % of the test split"),
    "knee-acl-vgg16-svc",
)
IMAGE_FAMILIES = (
    "brain-tumour-mobilenetv2",
    "brain-tumour-inceptionv3",
    "brain-tumour-baseline",
    "knee-oa-kl-cnn",
)


def check(family: str, images: np.ndarray, boxes: np.ndarray | None):
    (package,) = (MODELS / family).iterdir()
    session = cpu_session(package / "weights.onnx")
    outputs = [FAMILIES[family].heads[0].output, MAPS_OUTPUT]
    return check_explanation(lambda batch: tuple(run_batches(session, outputs, batch)), images, boxes, seed=5)


def size_of(family: str) -> int:
    (package,) = (MODELS / family).iterdir()
    return json.loads((package / "model.json").read_text())["input"]["height"]


@pytest.mark.parametrize("family", KNEE_PHANTOMS)
def test_knee_phantoms(family: str):
    size, random = size_of(family), np.random.default_rng(99)
    slices = [knee_slice(random, (HEALTHY, PARTIAL, COMPLETE)[i % 3], size) for i in range(COUNT)]
    outcome = check(family, np.stack([s.image for s in slices])[:, None], np.array([s.box for s in slices]))
    assert outcome.hot_beats_random >= REQUIRED
    assert outcome.hottest_in_box >= REQUIRED


def test_lumbar_phantoms():
    size, random = size_of("lumbar-stenosis-cnn"), np.random.default_rng(99)
    images, boxes = zip(*(lumbar_slice(random, draw_stenosis(random), size) for _ in range(COUNT)), strict=True)
    outcome = check("lumbar-stenosis-cnn", np.stack(images)[:, None], np.array(boxes))
    assert outcome.hot_beats_random >= REQUIRED
    assert outcome.hottest_in_box >= REQUIRED


@pytest.mark.skipif(DATA is None, reason="set AXIAL_DATA to the folder with the data sets")
@pytest.mark.parametrize("family", IMAGE_FAMILIES)
def test_image_families(family: str):
    size = size_of(family)
    images = middle_slices(FAMILIES[family].load(Path(DATA), "test", size).images)
    chosen = np.random.default_rng(99).permutation(len(images))[:COUNT]  # the split is ordered by class
    outcome = check(family, images[chosen], None)
    assert outcome.hot_beats_random >= REQUIRED
