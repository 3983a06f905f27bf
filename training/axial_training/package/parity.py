"""How far the exported graph is from PyTorch."""

from pathlib import Path

import numpy as np
import torch

from axial_training.package.golden import cpu_session


def largest_difference(packaged: torch.nn.Module, weights: Path, images: np.ndarray) -> float:
    """Largest absolute difference of any probability over uint8 images [N, 1, H, W]."""
    session = cpu_session(weights)
    found = session.run(None, {session.get_inputs()[0].name: images})
    with torch.inference_mode():
        expected = packaged(torch.from_numpy(images))
    pairs = list(zip(found, expected, strict=True))[:-1]  # the class maps are not probabilities
    return max(float(np.abs(a - b.numpy()).max()) for a, b in pairs)
