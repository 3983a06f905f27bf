"""The baseline for brain tumours: five convolutions and three dense layers, from scratch."""

from axial_training.architectures.plain_cnn import BaselineCnn
from axial_training.families.brain_tumour import (
    AUGMENTATION,
    AUGMENTED,
    DATA_CARD,
    DATA_LICENCE,
    FAILURES,
    FOLDER,
    HEAD,
    LABELS,
    SPLIT,
    load,
    manifest,
)
from axial_training.families.card_phrases import DENSE_LAYERS, occlusion_explanation
from axial_training.families.family import CardText, ExplainerRecipe, Family, Recipe, Stage

EXPLAINER = ExplainerRecipe(grid=16)
CARD = CardText(
    architecture=(
        "Five 3×3 convolutions (24, 48, 96, 128, 128 channels), each with batch norm, ReLU and 2×2 pooling; three dense "
        "layers (256, 128, 12). From scratch, 128×128 input."
    ),
    data=DATA_CARD,
    test_data="brain-tumour, group-wise test split",
    test_note="Measured on the exported graph. The test split was not used for training, selection or calibration.",
    training=("From random weights. " + AUGMENTED),
    failures=FAILURES + "\n- A baseline to compare with: prefer `brain-tumour-mobilenetv2`.",
    explanation=occlusion_explanation(DENSE_LAYERS, EXPLAINER.grid),
    weights_licence="Apache-2.0, trained here from random weights",
    data_licence=DATA_LICENCE,
)
FAMILY = Family(
    id="brain-tumour-baseline",
    heads=(HEAD,),
    recipe=Recipe(
        stages=(Stage(size=128, epochs=70, rate=2e-3),),
        augmentation=AUGMENTATION,
        average_decay=0.99,
        most_of_a_group=1,
        patience=70,
    ),
    build=lambda data: BaselineCnn(len(LABELS)),
    load=load,
    manifest=lambda: manifest() | {"onRequest": True},
    card=CARD,
    explainer=EXPLAINER,
    series_from=FOLDER,
    series_split=SPLIT,
    biased=True,
    mirrored=True,
)
