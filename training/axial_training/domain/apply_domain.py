"""Give a finished package the output `domain_distance`, its threshold and the figures."""

import hashlib
import json
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from axial_training.domain.domain_card import DomainFigures, write_domain_section
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
from axial_training.domain.foreign_images import foreign_images
from axial_training.domain.layout_model import fit_layout, no_layout
from axial_training.domain.recipes import DomainRecipe, domain_recipe
from axial_training.domain.variants import FOREIGN, KNOWN, Change, changed
from axial_training.families.family import Family
from axial_training.package.golden import write_golden
from axial_training.package.golden_patterns import golden_patterns
from axial_training.package.manifest import WEIGHTS_FILE, ordered
from axial_training.preprocessing.intensity import stretch_percentiles
from axial_training.preprocessing.letterbox import letterbox

LARGEST_FIT = 600  # images of the training split
LARGEST_MEASURED = 100  # images of the test split that are changed
BATCH = 16
TIMED_RUNS = 7


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
    described = with_features(plain, feature_taps(plain, heads, size))
    random = np.random.default_rng(family.recipe.seed)
    train, validation, test = (slices_of(family, recipe, data, split) for split in ("train", "val", "test"))
    chosen = np.sort(random.permutation(len(train))[:LARGEST_FIT])
    rate = recipe.false_alarm_rate
    finished = fitted_graph(described, recipe, train[chosen], validation, random)
    known = run_graph(finished, DISTANCE_OUTPUT, known_variants(validation, random))
    threshold = float(np.float32(np.quantile(known, 1 - rate)))
    foreign = measure_foreign(finished, data, recipe.own, manifest, threshold)
    measured = test[np.sort(random.permutation(len(test))[:LARGEST_MEASURED])]
    for name, change in {**KNOWN, **(FOREIGN if recipe.layout else {})}.items():
        distances = run_graph(finished, DISTANCE_OUTPUT, changed(measured, change))
        figures_of = known_changes if name in KNOWN else foreign
        marked, nearest = float((distances > threshold).mean()), float(distances.min() / threshold)
        figures_of[f"its own, {name}"] = (len(measured), marked, nearest)
    patterns = golden_patterns(size, size)
    figures = DomainFigures(
        threshold=threshold,
        false_alarm_rate=rate,
        fitted=len(chosen),
        validation_count=len(validation),
        test_count=len(test),
        test_share=float((run_graph(finished, DISTANCE_OUTPUT, test) > threshold).mean()),
        known=known_changes,
        foreign=foreign,
        largest_change=largest_change(plain, finished, heads, np.concatenate([*patterns.values(), test[:BATCH]])),
        cost=cost(plain, finished, test[:BATCH]),
    )
    onnx.save(finished, weights)
    write_golden(weights, folder / "golden.json", patterns, [*heads, DISTANCE_OUTPUT])
    write_manifest_entry(folder, manifest, recipe.action, figures)
    write_domain_section(folder / "CARD.md", figures, recipe.note)
    return figures


def fitted_graph(
    described: onnx.ModelProto, recipe: DomainRecipe, train: np.ndarray, validation: np.ndarray, random: np.random.Generator
) -> onnx.ModelProto:
    """Distance and layout, fitted to training images as they are and changed as known ones may be.

    Each of the two leaves half of the false alarms to the other one.
    """
    known = known_variants(train, random)
    features, layout = run_outputs(described, [FEATURES_OUTPUT, LAYOUT_OUTPUT], known)
    validated_features, validated_layout = run_outputs(
        described, [FEATURES_OUTPUT, LAYOUT_OUTPUT], known_variants(validation, random)
    )
    model, half = fit_features(features), recipe.false_alarm_rate / 2
    limit = float(np.quantile(model.distances(validated_features), 1 - half))
    if not recipe.layout:
        return with_distance(described, model, limit, no_layout(layout.shape[1]))
    turned = foreign_variants(train, random)
    (turned_layout,) = run_outputs(described, [LAYOUT_OUTPUT], turned)
    return with_distance(described, model, limit, fit_layout(layout, turned_layout, validated_layout, half))


def known_variants(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Every image as it is, and half of them once more, changed in a way that leaves them known."""
    return np.concatenate(
        [images, one_change_each(images[random.permutation(len(images))[: len(images) // 2]], KNOWN, random)]
    )


def foreign_variants(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Every image changed in one of the ways that make it foreign."""
    return one_change_each(images, FOREIGN, random)


def one_change_each(images: np.ndarray, changes: dict[str, Change], random: np.random.Generator) -> np.ndarray:
    """uint8 [N, 1, S, S], each changed in one of the ways."""
    ways = list(changes.values())
    return np.concatenate([changed(image[None], ways[random.integers(len(ways))]) for image in images])


def slices_of(family: Family, recipe: DomainRecipe, data: Path, split: str) -> np.ndarray:
    """A split as the engine shows it to the model: [N, 1, S, S]."""
    size = family.recipe.stages[-1].size
    images = family.load(data, split, size).images.reshape(-1, 1, size, size)
    if not recipe.stretch:
        return images
    low, high = (family.manifest()["preprocessing"]["intensity"][key] for key in ("low", "high"))
    return np.stack([stretch_percentiles(image[0], low, high)[None] for image in images])


def run_graph(model: onnx.ModelProto, output: str, images: np.ndarray) -> np.ndarray:
    """One output for all images."""
    return run_outputs(model, [output], images)[0]


def run_outputs(model: onnx.ModelProto, outputs: list[str], images: np.ndarray) -> list[np.ndarray]:
    """Some outputs for all images; nodes that they do not need are not run."""
    session, options = session_of(model), onnxruntime.RunOptions()
    options.only_execute_path_to_fetches = True
    name = session.get_inputs()[0].name
    parts = [session.run(outputs, {name: images[i : i + BATCH]}, options) for i in range(0, len(images), BATCH)]
    return [np.concatenate(columns) for columns in zip(*parts, strict=True)]


def session_of(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    """On one thread: the others are busy too."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


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
        distances = run_graph(model, DISTANCE_OUTPUT, shown[:, None])
        figures[name] = (len(images), float((distances > threshold).mean()), float(distances.min() / threshold))
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


def seconds(session: onnxruntime.InferenceSession, images: np.ndarray) -> float:
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
