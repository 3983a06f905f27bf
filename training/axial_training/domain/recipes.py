"""Which families tell images apart that they do not know, and how."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DomainRecipe:
    """`own` names the sets of `foreign_images.py` that are the model's own kind."""

    own: tuple[str, ...]
    note: str  # a sentence for the card
    action: str = "mark"  # or "refuse"
    false_alarm_rate: float = 0.01  # of single slices, on validation
    layout: bool = False  # upside down, turned, on a white border: foreign as well
    faces: str = ""  # labels that end so are of images that face one way: mirrored they are foreign
    stretch: bool = False  # the family's images have not had the percentiles mapped, as the engine will


BRAIN = DomainRecipe(
    own=("brain MR slices",),
    layout=True,
    faces="-sagittal",
    note=(
        "Slices of scanners and sequences that training lacked may exceed it too, above all at the ends of a head. Sagittal "
        "heads of the training split face left, so mirrored ones are foreign. A coronal or transverse head that is mirrored "
        "passes: its two halves are alike, and the answer, a mean over the slice and its mirror image, is the same."
    ),
)
KNEE_FILM = DomainRecipe(
    own=("knee radiographs",), layout=True, note="Films that are not cropped to one joint may exceed it."
)
PHANTOM = "The model knows phantoms only: **a real image is foreign to it**, and being marked is right."
KNEE_PHANTOM = DomainRecipe(own=("knee phantoms",), note=PHANTOM, stretch=True)
LUMBAR_PHANTOM = DomainRecipe(own=("lumbar phantoms",), note=PHANTOM, stretch=True)

SITE = DomainRecipe(own=(), note="Fitted to the site's own images: those of another scanner may exceed it.")

DOMAINS: dict[str, DomainRecipe] = {
    "brain-tumour-mobilenetv2": BRAIN,
    "brain-tumour-inceptionv3": BRAIN,
    "brain-tumour-baseline": BRAIN,
    "knee-oa-kl-cnn": KNEE_FILM,
    "knee-acl-mobilenetv2": KNEE_PHANTOM,
    "knee-acl-mrnet": KNEE_PHANTOM,
    "knee-acl-vgg16-svc": KNEE_PHANTOM,
    "lumbar-stenosis-cnn": LUMBAR_PHANTOM,
}


def domain_recipe(family_id: str, evidence: str) -> DomainRecipe:
    """The recipe of a family; packages of the phantom families that were trained on real images have another one."""
    recipe = DOMAINS[family_id]
    return SITE if recipe.stretch and evidence != "synthetic" else recipe
