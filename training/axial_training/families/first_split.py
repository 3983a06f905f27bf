"""The InceptionV3 package, whose weights were trained on the first split, which was too easy: how it is measured again."""

from dataclasses import replace
from pathlib import Path

from axial_training.families.brain_tumour import DATA_CARD, FOLDER, load
from axial_training.families.brain_tumour_inception import FAMILY
from axial_training.families.family import Dataset, Stage

CONTINUED_SPLIT = f"{FOLDER}-continued.csv"
INDEPENDENT = "0.872"  # of version 1.0.0, without the mirror image
FIRST_SPLIT_CARD = (
    DATA_CARD.partition("Near-duplicates share")[0] + "**These weights were trained on the first split**, which left large "
    "groups of near-duplicates to training: of 645 slices with near-duplicates 621 were trained on. Calibration, thresholds "
    "and figures below are of slices that the weights never saw and that have no near-duplicate among those they saw "
    "(`training/splits/brain-tumour-continued.csv`; those of `val` picked the epoch). They are nearly all slices without "
    "copies, the easier three quarters of the collection. **Of slices of this collection that are in no split, version "
    f"1.0.0 got {INDEPENDENT} right, measured independently and without the mirror image. Expect that of new slices.** "
    "Patients cannot be told apart, so slices of one patient may be on both sides."
)
COUNTED = "They count 0.3 in training and are left in the test split"
FIRST_TRAINING = (
    "Start: the InceptionV3 of the npm package nsfwjs 4.2.1 (Keras' ImageNet weights, fine-tuned there on photographs and "
    "drawings, stored in eight bits); the stem stays frozen. 9 epochs at 128 px, then 8 of 10 at 160 px; 25 minutes. "
    "Augmentation: rotation ±12°, shift ±6 %, zoom and stretch, horizontal flip, gamma, contrast, brightness, noise, erased "
    "rectangles. Classes weighted by frequency to the power −0.5. Code and split of the training: commit 2eddc6a."
)


def load_continued(data: Path, split: str, size: int) -> Dataset:
    """The split for weights that were trained on the first one: nothing that they saw, and no near-duplicate of it, is in
    `val` or `test`."""
    return load(data, split, size, CONTINUED_SPLIT)


INCEPTION = replace(
    FAMILY,
    recipe=replace(FAMILY.recipe, stages=(Stage(size=160, epochs=10, rate=3e-4),)),
    load=load_continued,
    series_split=CONTINUED_SPLIT,
    card=replace(
        FAMILY.card,
        data=FIRST_SPLIT_CARD,
        test_data=f"brain-tumour, unseen and easier slices; accuracy {INDEPENDENT} on slices in no split",
        training=FIRST_TRAINING,
        failures=FAMILY.card.failures.replace(COUNTED, "They were trained on as they are"),
    ),
)
