"""Anterior cruciate ligament (ACL) injury from sagittal knee MR, on generated phantoms: three families."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import torch
from sklearn.svm import LinearSVC
from torch import nn

from axial_training.architectures.mobilenet_v2 import MobileNetV2, freeze_first_blocks, load_imagenet
from axial_training.architectures.plain_cnn import AlexNetSlices, SeriesNetwork, Vgg16
from axial_training.families.brain_tumour import IMAGENET_WEIGHTS
from axial_training.families.card_phrases import CLASS_ACTIVATION_MAPS, WHOLE_IMAGE_EVERYWHERE, occlusion_explanation
from axial_training.families.family import (
    CardText,
    Dataset,
    ExplainerRecipe,
    Family,
    Group,
    Head,
    Label,
    Marginal,
    Recipe,
    Stage,
)
from axial_training.families.manifest_rules import KNEE_STACK, MOST_OF_SERIES, NOT_ANATOMICAL, TURNED
from axial_training.learning.augmentation import Augmentation
from axial_training.learning.normalisation import normalise, to_unit
from axial_training.phantoms.knee import COMPLETE, HEALTHY, PARTIAL, STRAIN, knee_series, knee_slice

SLICE_COUNTS = {"train": 1200, "val": 300, "test": 450}
SERIES_COUNTS = {"train": 400, "val": 120, "test": 200}
SERIES_SLICES = 5
LEAST_OF_A_KNEE = 10  # sagittal slices: fewer do not reach from one side of a knee to the other
SEED = {"train": 1, "val": 2, "test": 3}
Loader = Callable[[Path, str, int], Dataset]
LABELS = {
    HEALTHY: Label("healthy", "Intact ACL"),
    STRAIN: Label("minor-strain", "Minor strain of the ACL"),
    PARTIAL: Label("partial", "Partial tear of the ACL"),
    COMPLETE: Label("complete", "Complete rupture of the ACL"),
}
THREE = (HEALTHY, PARTIAL, COMPLETE)
FOUR = (HEALTHY, STRAIN, PARTIAL, COMPLETE)


def injury_head(injuries: tuple[str, ...], hidden: int = 0) -> Head:
    """The injuries as labels, and the binary view."""
    hurt = tuple(LABELS[injury].id for injury in injuries if injury != HEALTHY)
    binary = (
        Group(Label("intact", "Intact ACL"), (LABELS[HEALTHY].id,)),
        Group(Label("injured", "Injured ACL"), hurt),
    )
    return Head(
        name="acl-injury",
        output="probabilities",
        labels=tuple(LABELS[injury] for injury in injuries),
        marginals=(Marginal("acl-injured", binary),),
        hidden=hidden,
    )


@cache
def load_slices(data: Path, split: str, size: int) -> Dataset:
    """Generated single slices; `data` is not read."""
    random = np.random.default_rng([SEED[split], 10])
    count = SLICE_COUNTS[split]
    labels = np.arange(count) % len(THREE)
    slices = [knee_slice(random, THREE[label], size) for label in labels]
    return Dataset(
        images=np.stack([item.image for item in slices])[:, None],
        labels=labels[:, None],
        names=tuple(f"{split}-{index}" for index in range(count)),
        boxes=np.array([item.box for item in slices]),
    )


@cache
def load_series(data: Path, split: str, size: int) -> Dataset:
    """Generated series [N, slices, S, S]; the boxes are the middle slices'."""
    random = np.random.default_rng([SEED[split], 11])
    count = SERIES_COUNTS[split]
    labels = np.arange(count) % len(FOUR)
    series = [knee_series(random, FOUR[label], size, SERIES_SLICES) for label in labels]
    return Dataset(
        images=np.stack([[item.image for item in stack] for stack in series]),
        labels=labels[:, None],
        names=tuple(f"{split}-{index}" for index in range(count)),
        boxes=np.array([stack[SERIES_SLICES // 2].box for stack in series]),
    )


def manifest(title: str, slices: dict, aggregation: str, minimum_slices: int = 1) -> dict:
    """What model.json says that is particular to this task."""
    return {
        "title": title,
        "evidence": "synthetic",
        "intendedUse": "Demonstration of the pipeline on generated knee phantoms. It never saw a real knee.",
        "preprocessing": {
            "intensity": {"kind": "percentiles", "low": 0.5, "high": 99.5},
            "invertMonochrome1": True,
            "resize": {"policy": "letterbox", "filter": "triangle"},
            "channels": "grey",
            **TURNED,
        },
        "slices": slices,
        "stack": KNEE_STACK,
        "selector": {
            "modality": ["MR"],
            "bodyPart": {"anyOf": ["KNEE"], "words": ["knee", "knie", "genou"], "whenMissing": "refuse"},
            "plane": {"anyOf": ["sagittal"], "maxObliquityDegrees": 30, "whenMissing": "refuse"},
            "sequence": {"anyOf": [], "whenMissing": "accept"},
            **NOT_ANATOMICAL,
            **MOST_OF_SERIES,
            "minimumSlices": minimum_slices,
        },
        "aggregation": {"kind": aggregation},
    }


def card(architecture: str, training: str, explanation: str, counts: dict[str, int], what: str, licence: str) -> CardText:
    """The words of a phantom card."""
    return CardText(
        architecture=architecture,
        data=(
            f"Generated phantoms only (`axial_training/phantoms/knee.py`): {counts['train']} {what} for training, "
            f"{counts['val']} for validation, {counts['test']} for the test, each split from its own seed, classes in equal "
            "numbers. Bones, cartilage, fat pad, both cruciate ligaments, fluid and vessels in random pose, contrast, coil "
            "shading, blur and Rician noise; injuries are bright or grey sections of the dark band."
        ),
        test_data="generated knee phantoms, seed of their own",
        test_note=(
            "Measured on the exported graph. **Phantoms resemble each other far more than patients do: these figures prove "
            "that the pipeline works, not that the model does.**"
        ),
        training=training,
        failures="- Any real image: the model never saw one. Results must not be read as findings.",
        explanation=explanation,
        weights_licence=licence,
        data_licence="Generated; Apache-2.0",
    )


IN_REAL_TEARS = " In 110 real torn knees"


def in_real_tears(inside: str, hottest: str) -> str:
    """What `python -m axial_training tears` measured, in words."""
    return (
        f"{IN_REAL_TEARS} with the tear outlined, which the model never saw, {inside} % of the heat lies inside the "
        f"outline, which covers 1.6 % of the picture, and the hottest point is inside in {hottest} %: the maps say next to "
        "nothing about real knees. The domain check marks all 110 as foreign."
    )


EXPLAINER = ExplainerRecipe(grid=16)
MILD = Augmentation(rotation_degrees=8, shift=0.05, zoom=0.08, stretch=0.03, gamma=0.2, brightness=0.05, noise=0.02)


def build_mobilenet(data: Path) -> nn.Module:
    """MobileNetV2 with ImageNet weights and a new last layer."""
    network = MobileNetV2(len(THREE))
    load_imagenet(network, data / IMAGENET_WEIGHTS)
    return network


MOBILENET = Family(
    id="knee-acl-mobilenetv2",
    heads=(injury_head(THREE),),
    recipe=Recipe(stages=(Stage(size=128, epochs=6, rate=5e-4),), augmentation=MILD, smoothing=0.02, average_decay=0.99),
    build=build_mobilenet,
    load=load_slices,
    manifest=lambda: manifest("ACL injury from one sagittal knee MR slice", {"kind": "central", "count": 1}, "mean"),
    card=card(
        "MobileNetV2, width 1.0, start weights from ImageNet, 128×128 input; 1×1 convolution to 3 maps → mean → softmax.",
        "The stem and the first two blocks stay frozen.",
        occlusion_explanation(WHOLE_IMAGE_EVERYWHERE, EXPLAINER.grid) + in_real_tears("4.1", "8.2"),
        SLICE_COUNTS,
        "single slices",
        "Apache-2.0 start weights (google-coral/edgetpu MobileNetV2, ImageNet), fine-tuned here",
    ),
    freeze=lambda network: freeze_first_blocks(network, 3),
    explainer=EXPLAINER,
)
MRNET = Family(
    id="knee-acl-mrnet",
    heads=(injury_head(FOUR, SeriesNetwork.hidden),),
    recipe=Recipe(
        stages=(Stage(size=128, epochs=10, rate=2e-3), Stage(size=128, epochs=16, rate=2e-3)),
        batch=12,
        augmentation=MILD,
        smoothing=0.02,
        average_decay=0.98,
    ),
    build=lambda data: SeriesNetwork(AlexNetSlices(len(FOUR) + SeriesNetwork.hidden)),
    load=load_series,
    manifest=lambda: manifest(
        "ACL injury from a sagittal knee MR series", {"kind": "all", "max": 40}, "max", LEAST_OF_A_KNEE
    ),
    card=card(
        "AlexNet-style features per slice (five convolutions at a quarter of AlexNet's widths, first stride 2), 1×1 "
        "convolution to 5 maps → mean → softmax per slice; **maximum over the slices of a series, label by label** "
        "(aggregation `max`), after Bien et al. 2018. The maximum is of probabilities, not of features, so slices of many "
        'series share a batch; the result is divided by its sum. The fifth answer, "nothing to tell", takes the '
        "probability of slices beside the ligament and is not given out, so the four of one slice need not sum to one.",
        "From random weights, on whole series; the loss is taken after the maximum. No temperature.",
        CLASS_ACTIVATION_MAPS + " Checked on the middle slice of each series." + in_real_tears("2.9", "0.9"),
        SERIES_COUNTS,
        f"series of {SERIES_SLICES} slices",
        "Apache-2.0, trained here from random weights",
    ),
    calibrated=False,
)


def fit_support_vectors(network: nn.Module, data: Path, load: Loader = load_slices) -> None:
    """Replace the last layer by a linear support vector classifier on the mean features of the training images."""
    train = load(data, "train", VGG_SIZE)
    features = mean_features(network, train.images)
    machine = LinearSVC(C=0.1, max_iter=20000).fit(features, train.labels[:, 0])
    with torch.no_grad():
        network.classifier.weight.copy_(torch.from_numpy(machine.coef_.astype(np.float32))[:, :, None, None])
        network.classifier.bias.copy_(torch.from_numpy(machine.intercept_.astype(np.float32)))


@torch.inference_mode()
def mean_features(network: nn.Module, images: np.ndarray, batch: int = 64) -> np.ndarray:
    """[N, channels]: the last feature map's means."""
    network.eval()
    parts = [
        network.features(normalise(to_unit(torch.from_numpy(images[i : i + batch])))).mean(dim=(2, 3))
        for i in range(0, len(images), batch)
    ]
    return torch.cat(parts).numpy()


VGG_SIZE = 96
SUPPORT_VECTOR_MAPS = (
    "The class activation maps of the support vector classifier (Zhou et al. 2016) were tried first: they have their "
    "hottest point in none of the lesions, since the thirteen convolutions see a large part of the image at every place "
    "and the classifier weighs what is absent as well."
)
VGG16_SVC = Family(
    id="knee-acl-vgg16-svc",
    heads=(injury_head(THREE),),
    recipe=Recipe(
        stages=(Stage(size=VGG_SIZE, epochs=8, rate=2e-3),), augmentation=MILD, smoothing=0.02, average_decay=0.98
    ),
    build=lambda data: Vgg16(len(THREE)),
    load=load_slices,
    manifest=lambda: manifest(
        "ACL injury from one sagittal knee MR slice (VGG16 features, support vectors)",
        {"kind": "central", "count": 1},
        "mean",
    ),
    card=card(
        "VGG16's thirteen convolutions at a quarter of its widths with batch norm and without the last two poolings, 96×96 "
        "input; a one-against-rest linear support vector classifier on the mean of the last feature map, written into the "
        "graph as a 1×1 convolution; softmax of its decision values with the fitted temperature.",
        "The features are trained from random weights with a softmax layer, which is then replaced by the support vector "
        "classifier (scikit-learn LinearSVC, C = 0.1) fitted to the training images' features.",
        occlusion_explanation(SUPPORT_VECTOR_MAPS, EXPLAINER.grid) + in_real_tears("1.4", "3.6"),
        SLICE_COUNTS,
        "single slices",
        "Apache-2.0, trained here from random weights",
    ),
    finish=fit_support_vectors,
    explainer=EXPLAINER,
)
