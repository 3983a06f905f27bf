"""What a network for knee films sees: the joint's band at full resolution, with local contrast."""

import torch
from torch import Tensor
from torch.nn import functional

from axial_training.architectures.class_map_network import ClassMapNetwork

SIDE = 224
BAND = (64, 192)  # rows of SIDE; multiples of 32, so that the maps of every depth can be put back in their place
CELL = 4  # pixels
BOXES = (7, 15)  # cells; about a joint space, about a condyle
FAINTEST = 0.05  # standard deviation that still counts as contrast, of −1…1
LARGEST = 2.5  # standard deviations that become −1 and 1


class KneeJointNetwork(ClassMapNetwork):
    """A backbone on three pictures of the joint: the grey values, and two that follow local mean and deviation.

    Films are exposed so differently that a joint line may be a few grey values deep. [N, 1, 224, 224] in −1…1.
    """

    def __init__(self, backbone: ClassMapNetwork):
        super().__init__()
        self.backbone = backbone
        self.feature_channels = backbone.feature_channels

    def class_maps(self, images: Tensor) -> Tensor:
        """[N, 1, 224, 224] → [N, labels, 4, 7], of the band only."""
        return self.backbone.class_maps(joint_pictures(images))

    def early(self, images: Tensor) -> Tensor:
        """The backbone's early maps of the band."""
        return self.backbone.early(joint_pictures(images))

    def late(self, maps: Tensor) -> Tensor:
        """Logits from the output of `early`."""
        return self.backbone.late(maps)

    def logits_and_features(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits and the feature maps, zero outside the band, so that they cover the whole image."""
        logits, features = self.backbone.logits_and_features(joint_pictures(images))
        return logits, [whole_height(level) for level in features]


def joint_pictures(images: Tensor) -> Tensor:
    """[N, 1, 224, 224] → [N, 3, 128, 224]."""
    pictures = torch.cat([images, *(local_contrast(images, box) for box in BOXES)], 1)
    return pictures[:, :, BAND[0] : BAND[1]]


def local_contrast(images: Tensor, box: int) -> Tensor:
    """Distance from the mean of the surrounding box in its standard deviations, clipped to −1…1."""
    mean, square = box_mean(images, box), box_mean(images.square(), box)
    variance = (square - mean.square()).clamp(min=0)
    return ((images - mean) / (LARGEST * (variance + FAINTEST**2).sqrt())).clamp(-1, 1)


def box_mean(images: Tensor, box: int) -> Tensor:
    """Mean over a square of `box` cells of CELL pixels that ends at the image's border, between cells interpolated."""
    cells = functional.avg_pool2d(images, CELL)
    means = functional.avg_pool2d(cells, box, 1, box // 2, count_include_pad=False)
    return functional.interpolate(means, images.shape[-2:], mode="bilinear", align_corners=False)


def whole_height(maps: Tensor) -> Tensor:
    """[N, C, h, w] of the band → [N, C, w, w] of the image."""
    side = maps.shape[-1]
    above = BAND[0] * side // SIDE
    return functional.pad(maps, (0, 0, above, side - above - maps.shape[-2]))
