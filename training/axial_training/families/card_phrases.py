"""Sentences that several cards share."""

OCCLUSION_EXPLANATION = (
    "The last feature map of this network sees the whole image at every place, so plain class activation maps say little "
    "about where. The output `cam` therefore comes from a small occlusion explainer: it reads the classifier's own "
    "feature maps of three depths, so "
    "there is no second pass, and was trained, with the classifier fixed, to predict for every label how far its "
    "log-odds fall when a place of a training image is blanked. 14×14 cells; positive means evidence for the label."
)
CLASS_ACTIVATION_MAPS = (
    "Class activation maps (Zhou et al. 2016): the network ends in a 1×1 convolution to one map per label and the maps' "
    "mean, so the maps are exact and need no second pass. The output `cam` holds each label's map less its competitors' "
    "maps, weighted by the competitors' probabilities, because only differences decide a softmax."
)
