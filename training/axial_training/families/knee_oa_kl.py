"""Kellgren-Lawrence grade of knee osteoarthritis from a radiograph of one knee."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from axial_training.architectures.ensemble import Ensemble
from axial_training.architectures.knee_joint import SIDE, KneeJointNetwork
from axial_training.architectures.mobilenet_v2 import MobileNetV2, freeze_first_blocks, load_imagenet
from axial_training.datasets.image_folder import read_grey
from axial_training.families.brain_tumour import IMAGENET_WEIGHTS
from axial_training.families.card_phrases import WHOLE_IMAGE_EVERYWHERE, occlusion_explanation
from axial_training.families.family import CardText, Dataset, ExplainerRecipe, Family, Head, Label, Recipe, Stage
from axial_training.families.manifest_rules import TURNED
from axial_training.families.split_images import SPLITS, load_split_images
from axial_training.learning.augmentation import Augmentation
from axial_training.learning.losses import smooth_targets
from axial_training.learning.pseudo_labels import read_pseudo_labels
from axial_training.preprocessing.intensity import stretch_percentiles
from axial_training.preprocessing.letterbox import letterbox

FOLDER = "knee-oa-kl"
UNLABELLED = "knee-oa-unlabelled"
LABEL_COLUMNS = ["kl_grade"]
PSEUDO_LABELS = SPLITS / f"{UNLABELLED}.csv"
PSEUDO_WEIGHT = 0.5  # of a film whose grade is only a package's answer
ALIKE = 0.985  # correlation of two pictures of one film
WHOLE_SIDE = 160  # pixels; the whole film says enough at this size
LOW_PERCENTILE, HIGH_PERCENTILE = 1.0, 99.0
GRADES = (
    "no osteoarthritis",
    "doubtful osteoarthritis",
    "minimal osteoarthritis",
    "moderate osteoarthritis",
    "severe osteoarthritis",
)
HEAD = Head(
    name="kellgren-lawrence",
    output="probabilities",
    labels=tuple(Label(f"grade-{grade}", f"Kellgren-Lawrence {grade}: {words}") for grade, words in enumerate(GRADES)),
    ordinal=True,
    ordinal_weight=2.0,
    expectation=True,
)


def load(data: Path, split: str, size: int) -> Dataset:
    """One split at one size, percentiles stretched and letterboxed."""
    return load_split_images(
        data / FOLDER,
        SPLITS / f"{FOLDER}.csv",
        split,
        size,
        [str(grade) for grade in range(len(GRADES))],
        lambda pixels: stretch_percentiles(pixels, LOW_PERCENTILE, HIGH_PERCENTILE),
    )


def load_with_unlabelled(data: Path, split: str, size: int) -> Dataset:
    """The graded films, and for training those without a grade too, where `pseudo` wrote what a package says of them."""
    graded = load(data, split, size)
    if split != "train" or not PSEUDO_LABELS.exists():
        return graded
    found = read_pseudo_labels(PSEUDO_LABELS)
    images = [shown(read_grey(data / UNLABELLED / file), size) for file in found.files]
    smooth = smooth_targets(torch.from_numpy(graded.labels), (HEAD,), RECIPE.smoothing).numpy()
    return Dataset(
        images=np.concatenate([graded.images, np.stack(images)[:, None]]),
        labels=np.concatenate([graded.labels, found.probabilities.argmax(axis=1)[:, None]]),
        names=(*graded.names, *found.files),
        weights=np.concatenate([graded.weights, np.full(len(images), PSEUDO_WEIGHT, np.float32)]),
        targets=np.concatenate([smooth, found.probabilities]),
    )


def shown(pixels: np.ndarray, size: int) -> np.ndarray:
    """A film as the engine shows it to the model."""
    return letterbox(stretch_percentiles(pixels, LOW_PERCENTILE, HIGH_PERCENTILE), size)


def build_whole(data: Path) -> nn.Module:
    """MobileNetV2 with ImageNet weights and a new last layer."""
    network = MobileNetV2(len(GRADES), dropout=0.3)
    load_imagenet(network, data / IMAGENET_WEIGHTS)
    return network


def build_joint(data: Path) -> nn.Module:
    """The same network on three pictures of the joint's band."""
    return KneeJointNetwork(build_whole(data))


def manifest() -> dict:
    """What model.json says that is particular to this task."""
    return {
        "title": "Kellgren-Lawrence grade of one knee radiograph",
        "evidence": "research",
        "intendedUse": (
            "Research on grading knee osteoarthritis (Kellgren-Lawrence 0 to 4) on frontal radiographs cropped to one "
            "joint. Not for diagnosis."
        ),
        "preprocessing": {
            "intensity": {"kind": "percentiles", "low": LOW_PERCENTILE, "high": HIGH_PERCENTILE},
            "invertMonochrome1": True,
            "resize": {"policy": "letterbox", "filter": "triangle"},
            "channels": "grey",
            **TURNED,
        },
        "slices": {"kind": "single"},
        "answerFor": "image",
        "selector": {
            "modality": ["CR", "DX"],
            "bodyPart": {"anyOf": ["KNEE"], "words": ["knee", "knie", "genou"], "whenMissing": "refuse"},
            "plane": {"anyOf": [], "maxObliquityDegrees": 30, "whenMissing": "accept"},
            "sequence": {"anyOf": [], "whenMissing": "accept"},
            "minimumSlices": 1,
        },
        "aggregation": {"kind": "mean"},
    }


EXPLAINER = ExplainerRecipe(grid=14)
CARD = CardText(
    architecture=(
        "Two MobileNetV2, width 1.0 (Sandler et al. 2018), in one graph, the mean of their logits; TensorFlow's padding, "
        "batch norm folded into the convolutions. One sees the whole film, brought to 160×160 in the graph. The other sees "
        "the joint: rows 64 to 192 of 224 at full resolution, as three pictures, the grey values and two that follow local "
        "mean and deviation (boxes of 28 and 60 pixels), because films are exposed so differently. Each: last feature map → "
        "1×1 convolution to 5 maps → mean; then temperature → softmax. The loss is ordinal: cross-entropy whose smoothing "
        "goes to neighbouring grades only, plus twice the squared earth mover's distance (Hou et al. 2016). The logits are "
        "means over the film and its mirror image, and the answer lies half way between the most probable and the expected "
        "grade (below); both are in the graph."
    ),
    data=(
        "1,999 frontal knee radiographs of 224×224 pixels, cropped to one joint, with Kellgren-Lawrence grades (Chen "
        "2018, films of the Osteoarthritis Initiative): grade 0: 792, 1: 364, 2: 523, 3: 260, 4: 60. Split by file into "
        "70 % training, 15 % validation, 15 % test, drawn with a seed and stratified by grade "
        "(`training/splits/knee-oa-kl.csv`). **There are no patient identifiers: the other knee of a patient may be on "
        "the other side of the split.**"
    ),
    test_data="knee-oa-kl, seeded test split",
    test_note="Measured on the exported graph. The test split was not used for training, selection or calibration.",
    training=(
        "Start: ImageNet weights (google-coral/edgetpu); the stem and the first two blocks stay frozen. The two are trained "
        "one after the other. Augmentation: rotation ±8°, shift ±5 %, zoom, "
        "horizontal flip (left and right knees), gamma, contrast, brightness, noise. Classes weighted by frequency to the "
        "power −0.5. Versions 1.0.0 to 1.2.0 have the same weights: 24 epochs of the film at 160 px and 20 of the joint, 28 "
        "minutes, on the graded films. When it is trained again, 3,023 films of the collection that have no grade count "
        "too, at half the weight, with the answers of 1.1.0 as soft labels: at most 700 of each most probable grade, none "
        "that correlates above 0.985 with a validation or test film, mirrored or not "
        "(`training/splits/knee-oa-unlabelled.csv`). The kept epochs have the best validation kappa."
    ),
    failures=(
        "- Grade 1 (doubtful) is confused with 0 and 2, as it is among human readers.\n"
        "- The joint is expected where films cropped to it have it, a little below the middle.\n"
        "- Only 9 films of grade 4 in the test split: its figures are uncertain.\n"
        "- Films that show both knees, lateral films, whole-leg films, implants: never seen. The films were cropped to one "
        "joint; a film that is not will be graded all the same.\n"
        "- One study population (Osteoarthritis Initiative, 45 to 79 years)."
    ),
    explanation=occlusion_explanation(WHOLE_IMAGE_EVERYWHERE, EXPLAINER.grid),
    weights_licence="Apache-2.0 start weights (google-coral/edgetpu MobileNetV2, ImageNet), fine-tuned here",
    data_licence="CC BY 4.0 second hand (Chen 2018; images of the Osteoarthritis Initiative). Research only.",
)
RECIPE = Recipe(
    stages=(Stage(size=SIDE, epochs=20, rate=5e-4),),
    augmentation=Augmentation(
        rotation_degrees=8, shift=0.05, zoom=0.12, stretch=0.04, gamma=0.3, brightness=0.06, contrast=0.2
    ),
    smoothing=0.1,
    mixup_alpha=0.2,
    average_decay=0.99,
)
JOINT = Family(
    id="joint",
    heads=(HEAD,),
    recipe=RECIPE,
    build=build_joint,
    load=load_with_unlabelled,
    manifest=manifest,
    card=CARD,
    score="quadratic-weighted-kappa",
    freeze=lambda network: freeze_first_blocks(network.backbone, 3),
)
WHOLE = replace(
    JOINT,
    id="whole-film",
    recipe=replace(RECIPE, stages=(Stage(size=WHOLE_SIDE, epochs=24, rate=5e-4),)),
    build=build_whole,
    freeze=lambda network: freeze_first_blocks(network, 3),
)
FAMILY = replace(
    JOINT,
    id="knee-oa-kl-cnn",
    build=lambda data: Ensemble([build_whole(data), build_joint(data)], (WHOLE_SIDE, SIDE)),
    members=(WHOLE, JOINT),
    explainer=EXPLAINER,
    mirrored=True,
)
