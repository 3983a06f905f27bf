"""Images that a model does not know: the graph's distance, and what is written of it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from axial_training.domain.apply_domain import apply_domain, run_graph, run_outputs
from axial_training.domain.domain_graph import (
    DISTANCE_OUTPUT,
    FEATURES_OUTPUT,
    LAYOUT_OUTPUT,
    with_distance,
    with_features,
    without_domain,
)
from axial_training.domain.feature_model import fit_features
from axial_training.domain.feature_taps import feature_taps
from axial_training.domain.layout_model import fit_layout, no_layout
from axial_training.domain.recipes import DOMAINS
from axial_training.families.family import Dataset
from axial_training.families.registry import FAMILIES
from axial_training.package.golden_patterns import ellipses, noise
from axial_training.tiny_model import SIZE, tiny_graph, write_tiny_model

MODELS = Path(__file__).parents[2] / "models"


def known_images(count: int, seed: int) -> np.ndarray:
    """Ellipses of random brightness with a little noise: uint8 [count, 1, SIZE, SIZE]."""
    random = np.random.default_rng(seed)
    base = ellipses(SIZE, SIZE).astype(np.float64)
    shown = [base * random.uniform(0.6, 1) + random.normal(0, 4, base.shape) for _ in range(count)]
    return np.clip(shown, 0, 255).astype(np.uint8)[:, None]


def test_taps_are_one_map_per_resolution_on_the_way_to_the_heads():
    taps = feature_taps(tiny_graph(), ["probabilities"], SIZE)
    assert taps == [("features", 8, 8)]


def test_the_graph_computes_the_fitted_distance():
    model = tiny_graph()
    described = with_features(model, feature_taps(model, ["probabilities"], SIZE))
    features = run_graph(described, FEATURES_OUTPUT, known_images(200, 1))
    fitted = fit_features(features)
    layout = run_graph(described, LAYOUT_OUTPUT, known_images(200, 1))
    turned = run_graph(described, LAYOUT_OUTPUT, known_images(200, 1)[:, :, ::-1])
    lines = fit_layout(layout, turned, layout, 0.01)
    finished = with_distance(described, fitted, 1.5, lines)
    others = np.concatenate([known_images(50, 2), noise(SIZE, SIZE)[None, None], np.zeros((1, 1, SIZE, SIZE), np.uint8)])
    found = run_graph(finished, DISTANCE_OUTPUT, others)
    expected = np.maximum(
        fitted.distances(run_graph(described, FEATURES_OUTPUT, others)) / 1.5,
        lines.scores(run_graph(described, LAYOUT_OUTPUT, others)),
    )
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)
    assert found.shape == (52,)
    assert 0.3 < np.median(found[:50]) < 1
    assert found[50:].min() > 2 * found[:50].max()
    upside_down = run_graph(finished, DISTANCE_OUTPUT, known_images(50, 3)[:, :, ::-1])
    assert (upside_down > 1).mean() > 0.9


def test_what_was_added_comes_off_again():
    model = tiny_graph()
    described = with_features(model, feature_taps(model, ["probabilities"], SIZE))
    features, layout = run_outputs(described, [FEATURES_OUTPUT, LAYOUT_OUTPUT], known_images(60, 1))
    finished = with_distance(described, fit_features(features), 1.0, no_layout(layout.shape[1]))
    assert without_domain(finished).SerializeToString() == model.SerializeToString()


def test_applying_it_twice_is_applying_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_tiny_model(tmp_path)
    sizes = {"train": 80, "val": 40, "test": 40}
    family = replace(
        FAMILIES["lumbar-stenosis-cnn"],
        id="tiny",
        load=lambda data, split, size: Dataset(known_images(sizes[split], sizes[split]), np.zeros((1, 1)), ()),
        recipe=replace(FAMILIES["lumbar-stenosis-cnn"].recipe, stages=(replace(STAGE, size=SIZE),)),
    )
    monkeypatch.setitem(DOMAINS, "tiny", replace(DOMAINS["lumbar-stenosis-cnn"], own=(), stretch=False))
    figures = apply_domain(family, tmp_path / "no-data", tmp_path)
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    apply_domain(family, tmp_path / "no-data", tmp_path)
    manifest = json.loads(first["model.json"])
    golden = json.loads(first["golden.json"])
    assert first["weights.onnx"] == (tmp_path / "weights.onnx").read_bytes()
    assert first["golden.json"] == (tmp_path / "golden.json").read_bytes()
    assert (tmp_path / "CARD.md").read_text().count("does not know") == 1
    assert manifest["domain"]["threshold"] == round(figures.threshold, 6)
    assert figures.largest_change == 0 and figures.foreign["noise"][1] == 1
    assert set(golden["cases"][0]["outputs"]) == {"probabilities", DISTANCE_OUTPUT}


STAGE = FAMILIES["lumbar-stenosis-cnn"].recipe.stages[0]
PACKAGES = [path.parent for path in MODELS.glob("*/*/model.json") if "domain" in json.loads(path.read_text())]


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.parent.name)
def test_committed_packages_mark_what_is_no_image_of_their_kind(folder: Path):
    manifest = json.loads((folder / "model.json").read_text())
    size = manifest["input"]["height"]
    model = onnx.load(folder / "weights.onnx")
    strange = [noise(size, size), np.zeros((size, size), np.uint8), np.add.outer(np.zeros(size), np.arange(size) % 256)]
    distances = run_graph(model, manifest["domain"]["output"], np.stack(strange).astype(np.uint8)[:, None])
    assert (distances > manifest["domain"]["threshold"]).all()
