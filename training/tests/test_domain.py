"""Images that a model does not know: the graph's distance, and what is written of it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from axial_training.domain.apply_domain import apply_domain
from axial_training.domain.domain_graph import (
    DISTANCE_OUTPUT,
    GAUSSIANS,
    Fitted,
    with_distance,
    with_features,
    without_domain,
)
from axial_training.domain.feature_model import fit_features
from axial_training.domain.feature_taps import feature_taps
from axial_training.domain.layout_model import fit_layout, no_layout
from axial_training.domain.picture_features import CELLS_OUTPUT
from axial_training.domain.recipes import DOMAINS
from axial_training.domain.run_outputs import part_of, run_graph, run_outputs
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


def described_by() -> onnx.ModelProto:
    model = tiny_graph()
    return with_features(model, feature_taps(model, ["probabilities"], SIZE), SIZE)


def fitted_to(described: onnx.ModelProto, images: np.ndarray) -> dict[str, Fitted]:
    features = run_outputs(described, list(GAUSSIANS.values()), images)
    return {name: Fitted(fit_features(own), 1.5) for name, own in zip(GAUSSIANS, features, strict=True)}


def test_the_graph_computes_the_fitted_distance():
    described, images = described_by(), known_images(200, 1)
    gaussians = fitted_to(described, images)
    cells, turned = (run_graph(described, CELLS_OUTPUT, shown) for shown in (images, images[:, :, ::-1]))
    layout = fit_layout(cells, turned, cells, 0.01)
    finished = with_distance(described, gaussians, layout)
    others = np.concatenate([known_images(50, 2), noise(SIZE, SIZE)[None, None], np.zeros((1, 1, SIZE, SIZE), np.uint8)])
    found = run_graph(finished, DISTANCE_OUTPUT, others)
    features = run_outputs(described, list(GAUSSIANS.values()), others)
    scores = [one.model.distances(own) / one.limit for one, own in zip(gaussians.values(), features, strict=True)]
    expected = np.max([*scores, layout.scores(run_graph(described, CELLS_OUTPUT, others))], axis=0)
    np.testing.assert_allclose(found, expected, rtol=1e-2, atol=1e-2)
    assert found.shape == (52,)
    assert 0.3 < np.median(found[:50]) < 1
    assert found[50:].min() > 2 * found[:50].max()
    upside_down = run_graph(finished, DISTANCE_OUTPUT, known_images(50, 3)[:, :, ::-1])
    assert (upside_down > 1).mean() > 0.9


def test_edges_are_told_by_their_direction():
    ramp = np.add.outer(np.zeros(SIZE), np.arange(SIZE)).astype(np.uint8)[None, None]
    described = described_by()
    rows, columns = (run_graph(described, CELLS_OUTPUT, image)[0] for image in (ramp, ramp.transpose(0, 1, 3, 2)))
    assert rows.shape == columns.shape == (9 * 64,)
    assert np.abs(rows - columns)[: 8 * 64].max() > 0.05


def test_only_what_an_output_needs_is_run():
    described, images = described_by(), known_images(20, 1)
    cells = part_of(described, [CELLS_OUTPUT])
    assert all(node.name.startswith("domain.") for node in cells.graph.node)
    np.testing.assert_array_equal(run_graph(cells, CELLS_OUTPUT, images), run_graph(described, CELLS_OUTPUT, images))


def test_what_was_added_comes_off_again():
    model, described = tiny_graph(), described_by()
    cells = run_graph(described, CELLS_OUTPUT, known_images(60, 1))
    finished = with_distance(described, fitted_to(described, known_images(60, 1)), no_layout(cells.shape[1]))
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


def one_sided(count: int, seed: int) -> np.ndarray:
    """Known images with a bright left half."""
    images = known_images(count, seed)
    images[..., : SIZE // 2] = np.clip(images[..., : SIZE // 2].astype(int) + 90, 0, 255)
    return images


def test_images_that_face_one_way_are_foreign_when_mirrored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_tiny_model(tmp_path)
    sizes = {"train": 200, "val": 80, "test": 60}
    labels = FAMILIES["lumbar-stenosis-cnn"].heads[0].labels
    family = replace(
        FAMILIES["lumbar-stenosis-cnn"],
        id="tiny",
        load=lambda data, split, size: Dataset(
            one_sided(sizes[split], sizes[split]), np.arange(sizes[split])[:, None] % len(labels), ()
        ),
        recipe=replace(FAMILIES["lumbar-stenosis-cnn"].recipe, stages=(replace(STAGE, size=SIZE),)),
    )
    recipe = replace(DOMAINS["lumbar-stenosis-cnn"], own=(), stretch=False, layout=True, faces=labels[1].id)
    monkeypatch.setitem(DOMAINS, "tiny", recipe)
    figures = apply_domain(family, tmp_path / "no-data", tmp_path)
    count, marked, _ = figures.foreign[f"its own, {labels[1].id}, mirrored"]
    assert count == 20 and marked > 0.9 and figures.test_share < 0.1


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
