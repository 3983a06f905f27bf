"""Mixup (Zhang et al. 2018, arXiv:1710.09412)."""

import numpy as np
import torch
from torch import Tensor


def mixup(alpha: float, random: np.random.Generator, *parts: Tensor) -> tuple[Tensor, ...]:
    """Blend every image (or its maps), its soft target and whatever else goes with it with another one of the batch.

    All `parts` have the batch first; `alpha` 0 leaves them as they are.
    """
    if alpha <= 0:
        return parts
    share = float(random.beta(alpha, alpha))
    share = max(share, 1 - share)
    partner = torch.from_numpy(random.permutation(len(parts[0])))
    return tuple(part * share + part[partner] * (1 - share) for part in parts)
