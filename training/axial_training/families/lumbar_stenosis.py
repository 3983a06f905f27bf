"""Lumbar stenosis at five sites from one axial T2 slice, on generated phantoms."""

from functools import cache
from pathlib import Path

import numpy as np

from axial_training.architectures.plain_cnn import LumbarCnn
from axial_training.families.card_phrases import CLASS_ACTIVATION_MAPS
from axial_training.families.family import CardText, Dataset, Family, Head, Label, Recipe, Stage
from axial_training.families.manifest_rules import LUMBAR_STACK, MOST_OF_SERIES, NOT_ANATOMICAL, TURNED
from axial_training.learning.augmentation import Augmentation
from axial_training.phantoms.lumbar import draw_stenosis, lumbar_slice

COUNTS = {"train": 1200, "val": 240, "test": 400}
SEED = {"train": 21, "val": 22, "test": 23}
GRADES = ("normal", "moderate", "severe")
SITES = {
    "canal": "Canal stenosis",
    "foraminal-left": "Left foraminal narrowing",
    "foraminal-right": "Right foraminal narrowing",
    "subarticular-left": "Left subarticular stenosis",
    "subarticular-right": "Right subarticular stenosis",
}
HEADS = tuple(
    Head(
        name=site,
        output=f"probabilities-{site}",
        labels=tuple(Label(grade, f"{display}: {grade}") for grade in GRADES),
        ordinal=True,
    )
    for site, display in SITES.items()
)


@cache
def load(data: Path, split: str, size: int) -> Dataset:
    """Generated slices; `data` is not read. The boxes are the canal's."""
    random = np.random.default_rng(SEED[split])
    grades = [draw_stenosis(random) for _ in range(COUNTS[split])]
    images, boxes = zip(*(lumbar_slice(random, stenosis, size) for stenosis in grades), strict=True)
    return Dataset(
        images=np.stack(images)[:, None],
        labels=np.array([stenosis.as_row() for stenosis in grades]),
        names=tuple(f"{split}-{index}" for index in range(len(grades))),
        boxes=np.array(boxes),
    )


def manifest() -> dict:
    """What model.json says that is particular to this task."""
    return {
        "title": "Lumbar stenosis at five sites from one axial T2 slice",
        "evidence": "synthetic",
        "intendedUse": "Demonstration of the pipeline on generated lumbar phantoms. It never saw a real spine.",
        "preprocessing": {
            "intensity": {"kind": "percentiles", "low": 0.5, "high": 99.5},
            "invertMonochrome1": True,
            "resize": {"policy": "letterbox", "filter": "triangle"},
            "channels": "grey",
            **TURNED,
        },
        "slices": {"kind": "central", "count": 1},
        "stack": LUMBAR_STACK,
        "selector": {
            "modality": ["MR"],
            "bodyPart": {
                "anyOf": ["LSPINE", "SPINE", "LUMBARSPINE"],
                "words": ["lumbar", "l-spine", "lspine", "lws"],
                "whenMissing": "refuse",
            },
            "plane": {"anyOf": ["axial"], "maxObliquityDegrees": 30, "whenMissing": "refuse"},
            "sequence": {"anyOf": ["T2"], "whenMissing": "accept"},
            **NOT_ANATOMICAL,
            **MOST_OF_SERIES,
        },
        "aggregation": {"kind": "mean"},
    }


def consistency(probabilities: list[np.ndarray]) -> str:
    """How often the heads contradict the rule by which phantoms are drawn."""
    canal, _, _, *recesses = (part.argmax(axis=1) for part in probabilities)
    severe = canal == GRADES.index("severe")
    broken = severe & (np.minimum(*recesses) == GRADES.index("normal"))
    return (
        f"In the phantoms a severely narrow canal always narrows both recesses. The heads answer separately; of "
        f"{int(severe.sum())} test slices called severe, {int(broken.sum())} had a recess called normal."
    )


CARD = CardText(
    architecture=(
        "Five blocks of convolution, batch norm, ReLU and pooling (none after the fifth) with 16, 32, 64, 96 and 128 "
        "channels, 256×256 input and two coordinate channels made in the graph (Liu et al. 2018), so that left and right "
        "can be told apart; 1×1 convolution to 15 maps → means → one softmax of three grades for each of five sites. "
        "Ordinal loss: cross-entropy and squared earth mover's distance. Left is the patient's left, on the right of the "
        "image as displayed."
    ),
    data=(
        f"Generated phantoms only (`axial_training/phantoms/lumbar.py`): {COUNTS['train']} slices for training, "
        f"{COUNTS['val']} for validation, {COUNTS['test']} for the test, each split from its own seed. Grades of the sites "
        "are drawn independently, except that a severely narrow canal comes with at least moderately narrow recesses."
    ),
    test_data="generated lumbar phantoms, seed of their own",
    test_note=(
        "Measured on the exported graph. **Phantoms resemble each other far more than patients do: these figures prove that "
        "the pipeline works, not that the model does.**"
    ),
    training="From random weights. Rotation ±5°, shift, zoom, intensity; no flips, since left and right are labels.",
    failures="- Any real image: the model never saw one. Results must not be read as findings.",
    explanation=CLASS_ACTIVATION_MAPS + " The maps are those of the first head, the canal.",
    weights_licence="Apache-2.0, trained here from random weights",
    data_licence="Generated; Apache-2.0",
)
FAMILY = Family(
    id="lumbar-stenosis-cnn",
    heads=HEADS,
    recipe=Recipe(
        stages=(Stage(size=256, epochs=10, rate=2e-3), Stage(size=256, epochs=5, rate=1.5e-3)),
        augmentation=Augmentation(
            rotation_degrees=5,
            shift=0.04,
            zoom=0.06,
            stretch=0.02,
            horizontal_flip=False,
            gamma=0.2,
            brightness=0.05,
            noise=0.02,
        ),
        smoothing=0.02,
        average_decay=0.98,
        class_weight_power=0.0,
    ),
    build=lambda data: LumbarCnn(len(SITES) * len(GRADES)),
    load=load,
    manifest=manifest,
    card=CARD,
    consistency=consistency,
    biased=True,
)
