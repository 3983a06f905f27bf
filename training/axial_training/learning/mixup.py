"""Mixup (Zhang et al. 2018, arXiv:1710.09412)."""

import numpy as np
import torch
from torch import Tensor


def mixup(images: Tensor, targets: Tensor, alpha: float, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Blend every image and its soft target with another one of the batch; `alpha` 0 leaves both as they are."""
    if alpha <= 0:
        return images, targets
    share = float(random.beta(alpha, alpha))
    share = max(share, 1 - share)
    partner = torch.from_numpy(random.permutation(images.shape[0]))
    return images * share + images[partner] * (1 - share), targets * share + targets[partner] * (1 - share)
