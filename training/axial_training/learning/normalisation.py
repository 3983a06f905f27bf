"""Grey bytes to what a network takes."""

import torch
from torch import Tensor


def normalise(images: Tensor) -> Tensor:
    """Grey images in 0…1 [N, 1, H, W] → three equal channels in −1…1, as MobileNet and Inception were trained."""
    return (images * 2 - 1).expand(-1, 3, -1, -1)


def to_unit(images: Tensor) -> Tensor:
    """uint8 → float in 0…1."""
    return images.to(torch.float32) / 255
