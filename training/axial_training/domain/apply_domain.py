"""Give a finished package the output `domain_distance`, its threshold and the figures."""

import hashlib
import json
import time
from pathlib import Path

import numpy as np
import onnx
from onnxruntime import InferenceSession

from axial_training.domain.domain_card import DomainFigures, write_domain_section
from axial_training.domain.domain_graph import DISTANCE_OUTPUT, with_features, without_domain
from axial_training.domain.feature_taps import feature_taps
from axial_training.domain.fit_domain import LARGEST_FIT, fitted_graph
from axial_training.domain.foreign_images import foreign_images
from axial_training.domain.recipes import domain_recipe
from axial_training.domain.run_outputs import run_graph, session_of
from axial_training.domain.shown_images import slices_of
from axial_training.domain.variants import FOREIGN, KNOWN, changed, mirrored
from axial_training.families.family import Family
from axial_training.package.golden import write_golden
from axial_training.package.golden_patterns import golden_patterns
from axial_training.package.manifest import WEIGHTS_FILE, ordered
from axial_training.preprocessing.intensity import stretch_percentiles
from axial_training.preprocessing.letterbox import letterbox

LARGEST_MEASURED = 60  # images of the test split that are changed
TIMED_RUNS, TIMED_BATCH = 7, 16


def apply_domain(family: Family, data: Path, folder: Path) -> DomainFigures:
    """Fit on the training split, set the threshold on validation, measure on the test split and on foreign images.

    Replaces what an earlier call wrote; model.json, golden.json and CARD.md follow.
    """
    recipe = domain_recipe(family.id, family.manifest()["evidence"])
    known_changes: dict[str, tuple[int, float, float]] = {}
    manifest = json.loads((folder / "model.json").read_text())
    size, heads = manifest["input"]["height"], [head["output"] for head in manifest["heads"]]
    weights = folder / WEIGHTS_FILE
    plain = without_domain(onnx.load(weights))
    described = with_features(plain, feature_taps(plain, heads, size), size)
    random = np.random.default_rng(family.recipe.seed)
    train, validation, test = (slices_of(family, recipe, data, split) for split in ("train", "val", "test"))
    finished, threshold = fitted_graph(described, recipe, train, validation.images, random)
    foreign = measure_foreign(finished, data, recipe.own, manifest, threshold)
    measured = test.drawn(LARGEST_MEASURED, random)
    for name, change in {**KNOWN, **(FOREIGN if recipe.layout else {})}.items():
        figures_of = known_changes if name in KNOWN else foreign
        figures_of[f"its own, {name}"] = marked_of(finished, changed(measured.images, change), threshold)
    if recipe.faces:
        foreign[f"its own, {recipe.faces.strip('-')}, mirrored"] = marked_of(
            finished, mirrored(test.images[test.one_way]), threshold
        )
    patterns = golden_patterns(size, size)
    figures = DomainFigures(
        threshold=threshold,
        false_alarm_rate=recipe.false_alarm_rate,
        fitted=min(LARGEST_FIT, len(train.images)),
        validation_count=len(validation.images),
        test_count=len(test.images),
        test_share=float((run_graph(finished, DISTANCE_OUTPUT, test.images) > threshold).mean()),
        known=known_changes,
        foreign=foreign,
        largest_change=largest_change(
            plain, finished, heads, np.concatenate([*patterns.values(), test.images[:TIMED_BATCH]])
        ),
        cost=cost(plain, finished, test.images[:TIMED_BATCH]),
    )
    onnx.save(finished, weights)
    write_golden(weights, folder / "golden.json", patterns, [*heads, DISTANCE_OUTPUT])
    write_manifest_entry(folder, manifest, recipe.action, figures)
    write_domain_section(folder / "CARD.md", figures, recipe.note)
    return figures


def marked_of(model: onnx.ModelProto, images: np.ndarray, threshold: float) -> tuple[int, float, float]:
    """How many images, the share marked, the smallest distance in thresholds."""
    distances = run_graph(model, DISTANCE_OUTPUT, images)
    return len(images), float((distances > threshold).mean()), float(distances.min() / threshold)


def measure_foreign(
    model: onnx.ModelProto, data: Path, own: tuple[str, ...], manifest: dict, threshold: float
) -> dict[str, tuple[int, float, float]]:
    """Each foreign set: images, share marked, smallest distance in thresholds."""
    figures = {}
    size, intensity = manifest["input"]["height"], manifest["preprocessing"]["intensity"]
    for name, images in foreign_images(data, own).items():
        shown = np.stack(
            [letterbox(stretch_percentiles(image, intensity["low"], intensity["high"]), size) for image in images]
        )
        figures[name] = marked_of(model, shown[:, None], threshold)
    return figures


def largest_change(plain: onnx.ModelProto, finished: onnx.ModelProto, heads: list[str], images: np.ndarray) -> float:
    """Of any probability, by what was added to the graph."""
    return max(float(np.abs(run_graph(plain, head, images) - run_graph(finished, head, images)).max()) for head in heads)


def cost(plain: onnx.ModelProto, finished: onnx.ModelProto, images: np.ndarray) -> float:
    """Added part of a batch's CPU time: the fastest of several runs of each, taken in turns."""
    sessions = [session_of(plain), session_of(finished)]
    times = [[seconds(session, images) for session in sessions] for _ in range(TIMED_RUNS)]
    before, after = np.min(times, axis=0)
    return float(after / before - 1)


def seconds(session: InferenceSession, images: np.ndarray) -> float:
    """CPU seconds of one run with all outputs: what else runs on the machine does not count."""
    start = time.process_time()
    session.run(None, {session.get_inputs()[0].name: images})
    return time.process_time() - start


def write_manifest_entry(folder: Path, manifest: dict, action: str, figures: DomainFigures) -> None:
    """`domain`, and the checksum and size of the graph that changed."""
    content = (folder / WEIGHTS_FILE).read_bytes()
    manifest["weights"] |= {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    manifest["domain"] = {
        "output": DISTANCE_OUTPUT,
        "threshold": round(figures.threshold, 6),
        "falseAlarmRate": figures.false_alarm_rate,
        "action": action,
        "measuredOn": (
            f"{figures.validation_count} validation slices; {figures.test_share:.2%} of {figures.test_count} test slices "
            "are marked"
        ),
    }
    (folder / "model.json").write_text(json.dumps(ordered(manifest), indent=2, ensure_ascii=False) + "\n")
