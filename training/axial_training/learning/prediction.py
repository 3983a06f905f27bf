"""Logits for a whole dataset."""

import numpy as np
import torch
from torch import Tensor, nn

from axial_training.learning.normalisation import normalise, to_unit


@torch.inference_mode()
def predict_logits(network: nn.Module, images: np.ndarray, device: torch.device, batch: int = 64) -> Tensor:
    """uint8 [N, slices, S, S] → logits [N, sum of labels] in float32 on the CPU."""
    network.eval()
    parts = []
    for start in range(0, len(images), batch):
        part = normalise(to_unit(torch.from_numpy(images[start : start + batch]))).to(device)
        parts.append(network(part.contiguous(memory_format=torch.channels_last)).float().cpu())
    return torch.cat(parts)
