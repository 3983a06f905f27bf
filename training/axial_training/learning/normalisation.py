"""Bytes to what a network takes."""

import torch
from torch import Tensor


def to_unit(images: Tensor) -> Tensor:
    """uint8 → float in 0…1."""
    return images.to(torch.float32) / 255


def normalise(images: Tensor) -> Tensor:
    """0…1 → −1…1. Networks that want three channels repeat the grey one themselves."""
    return images * 2 - 1
