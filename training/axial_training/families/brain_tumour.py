"""Tumour type and imaging plane from one brain MR slice: 12 classes."""

from pathlib import Path

from torch import nn

from axial_training.architectures.mobilenet_v2 import MobileNetV2, freeze_first_blocks, load_imagenet
from axial_training.families.card_phrases import WHOLE_IMAGE_EVERYWHERE, occlusion_explanation
from axial_training.families.doubtful_files import doubtful_phrase
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
from axial_training.families.manifest_rules import BRAIN_SLICES, BRAIN_STACK, MOST_OF_SERIES, NOT_ANATOMICAL, TURNED
from axial_training.families.split_images import DOUBTFUL_SUFFIX, SPLITS, load_split_images
from axial_training.learning.augmentation import Augmentation
from axial_training.preprocessing.intensity import stretch_percentiles

FOLDER = "brain-tumour"
SPLIT = f"{FOLDER}.csv"
LABEL_COLUMNS = ["tumour", "plane"]
ALIKE = 0.97  # correlation of two slices that are copies, or neighbours in one head
LOW_PERCENTILE, HIGH_PERCENTILE = 0.5, 99.5
IMAGENET_WEIGHTS = Path("weights/mobilenet-v2-imagenet")

TUMOURS = (
    Label("glioma", "Glioma", ("SCT", "393564001", "Glioma")),
    Label("meningioma", "Meningioma", ("SCT", "302820008", "Intracranial meningioma")),
    Label("pituitary", "Pituitary tumour", ("SCT", "127024001", "Neoplasm of pituitary gland")),
    Label("none", "No tumour"),
)
PLANES = (
    Label("coronal", "Coronal plane", ("SCT", "81654009", "Coronal plane")),
    Label("sagittal", "Sagittal plane", ("SCT", "30730003", "Sagittal plane")),
    Label("transverse", "Transverse plane", ("SCT", "62824007", "Transverse plane")),
)
LABELS = tuple(
    Label(f"{tumour.id}-{plane.id}", f"{tumour.display}, {plane.display.lower()}", tumour.code)
    for tumour in TUMOURS
    for plane in PLANES
)
HEAD = Head(
    name="tumour-plane",
    output="probabilities",
    labels=LABELS,
    marginals=(
        Marginal("tumour", tuple(Group(t, tuple(f"{t.id}-{p.id}" for p in PLANES)) for t in TUMOURS)),
        Marginal("plane", tuple(Group(p, tuple(f"{t.id}-{p.id}" for t in TUMOURS)) for p in PLANES)),
    ),
)


def load(data: Path, split: str, size: int, table: str = SPLIT) -> Dataset:
    """One split at one size, percentiles stretched and letterboxed."""
    return load_split_images(
        data / FOLDER,
        SPLITS / table,
        split,
        size,
        [label.id for label in LABELS],
        lambda pixels: stretch_percentiles(pixels, LOW_PERCENTILE, HIGH_PERCENTILE),
    )


def build_mobilenet(data: Path) -> nn.Module:
    """MobileNetV2 with ImageNet weights and a new last layer."""
    network = MobileNetV2(len(LABELS))
    load_imagenet(network, data / IMAGENET_WEIGHTS)
    return network


AUGMENTATION = Augmentation(
    rotation_degrees=15,
    zoom=0.2,
    stretch=0.08,
    gamma=0.4,
    erase_probability=0.2,
    frame_probability=0.25,
    jpeg_probability=0.3,
)
MOBILENET_RECIPE = Recipe(
    stages=(Stage(size=160, epochs=40, rate=7e-4, copies=8), Stage(size=224, epochs=20, rate=3e-4)),
    augmentation=AUGMENTATION,
    mixup_alpha=0.2,
    most_of_a_group=1,
    patience=40,
)


def manifest() -> dict:
    """What model.json says that is particular to this task."""
    return {
        "title": "Brain tumour type and imaging plane from one MR slice",
        "evidence": "research",
        "intendedUse": (
            "Research on sorting brain MR slices by tumour type (glioma, meningioma, pituitary, none) and plane. "
            "Not for diagnosis."
        ),
        "preprocessing": {
            "intensity": {"kind": "percentiles", "low": LOW_PERCENTILE, "high": HIGH_PERCENTILE},
            "invertMonochrome1": True,
            "resize": {"policy": "letterbox", "filter": "triangle"},
            "channels": "grey",
            **TURNED,
        },
        "slices": BRAIN_SLICES,
        "stack": BRAIN_STACK,
        "selector": {
            "modality": ["MR"],
            "bodyPart": {
                "anyOf": ["BRAIN", "HEAD"],
                "words": ["brain", "head", "cranial", "neuro", "anat t1w", "mprage", "mp2rage", "flair"],
                "whenMissing": "refuse",
            },
            "plane": {"anyOf": ["axial", "coronal", "sagittal"], "maxObliquityDegrees": 30, "whenMissing": "accept"},
            "sequence": {"anyOf": [], "whenMissing": "accept"},
            "derived": "accept",
            **NOT_ANATOMICAL,
            **MOST_OF_SERIES,
        },
        "aggregation": {"kind": "mean"},
    }


DATA_CARD = (
    "2,919 grey slices, all MR but 58, of 12 classes (glioma, meningioma, pituitary tumour, none; coronal, sagittal, "
    "transverse), collected from the web by others (repository hkndoga/Brain_Tumor_Classification_CNN, Kaggle "
    "sartajbhuvaji); no patient identifiers, scanners or sequences are known. Near-duplicates share a group, "
    "also across classes, and a group is on one side of the split only: 70 % training, 15 % validation, 15 % test, drawn "
    "with a seed and stratified by class and by the groups' size (`training/splits/brain-tumour.csv`). "
    "**Other slices of the same patient may still be on both sides**, because patients cannot be told apart: "
    "expect lower figures on new patients."
)
FAILURES = (
    "- Tumour-free slices come from other sources than tumour slices (other sequences, scanners, crops): the model may "
    "answer from style. A tumour-free slice of a study that holds a tumour is a case it hardly saw.\n"
    "- Few coronal and sagittal slices without tumour (121 of 2,919): their figures are uncertain.\n"
    "- Some labels are doubtful, by the disagreement of a simple classifier that never saw the slice: "
    f"{doubtful_phrase(SPLITS / f'{FOLDER}{DOUBTFUL_SUFFIX}')}. They count 0.3 in training and are left in the test split.\n"
    "- `none` means none of these three tumours, not a healthy brain. Many of its slices show something else (infarcts, "
    "bleeding, white matter lesions), and 58 of its 327 transverse ones are CT, with copies (an engineer's eye, not a "
    "radiologist's: `training/splits/brain-tumour-ct.csv`). A CT is known to the model, and `none` to it.\n"
    "- Other lesions (metastases, abscesses, stroke, after surgery) are forced into the four classes.\n"
    "- Trained mostly on contrast-enhanced T1; other sequences are rare.\n"
    "- Small, faint gliomas and meningiomas at the skull base are the commonest confusions."
)
DATA_LICENCE = "CC0 second hand (Kaggle sartajbhuvaji); none stated in the repository that carries the files. Research only."

AUGMENTED = (
    "Augmentation: rotation ±15°, shift ±6 %, zoom and stretch, horizontal flip, gamma, contrast, brightness, noise, erased "
    "rectangles, black and white borders, JPEG. Classes weighted by frequency to the power −0.5, doubtful labels 0.3, at "
    "most one image of a group in an epoch."
)
EXPLAINER = ExplainerRecipe(shares=(0.1, 0.1), images=700, rounds=1)
MOBILENET_CARD = CardText(
    architecture=(
        "MobileNetV2, width 1.0 (Sandler et al. 2018), with TensorFlow's padding; batch norm folded into the "
        "convolutions. Last feature map → 1×1 convolution to 12 class maps → mean → temperature → softmax; logits and maps "
        "are means over the slice and its mirror image, which doubles the arithmetic. "
        "One channel of bytes in; scaling to −1…1 and the repetition to three channels are in the graph."
    ),
    data=DATA_CARD,
    test_data="brain-tumour, group-wise test split",
    test_note="Measured on the exported graph. The test split was not used for training, selection or calibration.",
    training=(
        "Start: ImageNet weights (google-coral/edgetpu); the stem and the first two blocks stay frozen, at 160 px all "
        "layers down to an eighth of the side. " + AUGMENTED
    ),
    failures=FAILURES,
    explanation=occlusion_explanation(WHOLE_IMAGE_EVERYWHERE, EXPLAINER.grid),
    weights_licence="Apache-2.0 start weights (google-coral/edgetpu MobileNetV2, ImageNet), fine-tuned here",
    data_licence=DATA_LICENCE,
)

MOBILENET = Family(
    id="brain-tumour-mobilenetv2",
    heads=(HEAD,),
    recipe=MOBILENET_RECIPE,
    build=build_mobilenet,
    load=load,
    manifest=manifest,
    card=MOBILENET_CARD,
    freeze=lambda network: freeze_first_blocks(network, 3),
    explainer=EXPLAINER,
    series_from=FOLDER,
    series_split=SPLIT,
    mirrored=True,
)
