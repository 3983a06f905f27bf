"""Fitting what tells foreign images apart, to training images as they are and changed as known ones may be."""

import numpy as np
import onnx

from axial_training.domain.domain_graph import GAUSSIANS, Fitted, with_distance
from axial_training.domain.feature_model import fit_features
from axial_training.domain.layout_model import LayoutModel, fit_layout, no_layout
from axial_training.domain.picture_features import CELLS_OUTPUT
from axial_training.domain.recipes import DomainRecipe
from axial_training.domain.run_outputs import run_graph, run_outputs
from axial_training.domain.shown_images import Shown
from axial_training.domain.variants import FOREIGN, KNOWN, Change, changed, mirrored

LARGEST_FIT, LARGEST_LAYOUT = 600, 1500  # images of the training split: for the Gaussians, and for the layout
KNOWN_TIMES = 2  # how often the layout sees every image and changes of it that leave it known


def fitted_graph(
    described: onnx.ModelProto, recipe: DomainRecipe, train: Shown, validation: np.ndarray, random: np.random.Generator
) -> tuple[onnx.ModelProto, float]:
    """Gaussians and layout, each of which leaves its share of the false alarms to the others; and the threshold that the
    recipe's share of validation images exceeds, as they are and changed as known ones may be."""
    known, own = known_variants(train.drawn(LARGEST_FIT, random).images, random), known_variants(validation, random)
    found, validated = (run_outputs(described, list(GAUSSIANS.values()), images) for images in (known, own))
    parts = len(GAUSSIANS) + recipe.layout
    rate = recipe.false_alarm_rate / parts
    gaussians = {name: gaussian(*both, rate) for name, *both in zip(GAUSSIANS, found, validated, strict=True)}
    cells = validated[list(GAUSSIANS.values()).index(CELLS_OUTPUT)]
    layout = (
        layout_of(described, train.drawn(LARGEST_LAYOUT, random), cells, rate, random)
        if recipe.layout
        else no_layout(cells.shape[1])
    )
    scores = [one.model.distances(part) / one.limit for one, part in zip(gaussians.values(), validated, strict=True)]
    distances = np.max([*scores, layout.scores(cells)], axis=0)
    threshold = float(np.float32(np.quantile(distances, 1 - recipe.false_alarm_rate)))
    return with_distance(described, gaussians, layout), threshold


def gaussian(features: np.ndarray, validation: np.ndarray, false_alarm_rate: float) -> Fitted:
    """Fitted to the one, with a limit that a share of the other exceeds."""
    model = fit_features(features)
    return Fitted(model, float(np.quantile(model.distances(validation), 1 - false_alarm_rate)))


def layout_of(
    described: onnx.ModelProto, train: Shown, validation: np.ndarray, false_alarm_rate: float, random: np.random.Generator
) -> LayoutModel:
    """Fitted to training images, known and changed in each of the ways that make it foreign."""

    def cells(images: np.ndarray) -> np.ndarray:
        return run_graph(described, CELLS_OUTPUT, images)

    known = [cells(known_variants(train.images, random)) for _ in range(KNOWN_TIMES)]
    turned = [cells(changed(train.images, change)) for change in FOREIGN.values()]
    if train.one_way.any():
        turned += [cells(mirrored(train.images[train.one_way]))] * KNOWN_TIMES
    return fit_layout(np.concatenate(known), np.concatenate(turned), validation, false_alarm_rate)


def known_variants(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Every image as it is, and half of them once more, changed in a way that leaves them known."""
    return np.concatenate(
        [images, one_change_each(images[random.permutation(len(images))[: len(images) // 2]], KNOWN, random)]
    )


def one_change_each(images: np.ndarray, changes: dict[str, Change], random: np.random.Generator) -> np.ndarray:
    """uint8 [N, 1, S, S], each changed in one of the ways."""
    ways = list(changes.values())
    return np.concatenate([changed(image[None], ways[random.integers(len(ways))]) for image in images])
