"""Sentences that several cards share."""

WHOLE_IMAGE_EVERYWHERE = (
    "The last feature map of this network sees the whole image at every place, so plain class activation maps say little "
    "about where."
)
DENSE_LAYERS = "Dense layers over a flattened map have no class activation map."


def occlusion_explanation(why: str, grid: int) -> str:
    """The explainer in words; `why` says what keeps plain class activation maps from doing."""
    return (
        f"{why} The output `cam` therefore comes from a small occlusion explainer: it reads the classifier's own feature "
        "maps of several depths, so there is no second pass, and was trained, with the classifier fixed, to predict for "
        "every label how far its log-odds fall when places of training images are blanked: random ones, and those that it "
        f"held for the hottest itself. {grid}×{grid} cells; positive means evidence for the label."
    )


CLASS_ACTIVATION_MAPS = (
    "Class activation maps (Zhou et al. 2016): the network ends in a 1×1 convolution to one map per label and the maps' "
    "mean, so the maps are exact and need no second pass. The output `cam` holds each label's map less its competitors' "
    "maps, weighted by the competitors' probabilities, because only differences decide a softmax."
)
