"""Class maps that show evidence for a label against its competitors."""

import torch
from torch import Tensor


def contrast_maps(logits: Tensor, maps: Tensor) -> Tensor:
    """Logits [N, K] and class maps [N, K, h, w] → [N, K, h, w].

    Map k less the competitors' maps, weighted by the competitors' probabilities among themselves. A softmax answers to
    differences of logits only, so what is common to all class maps says nothing about the decision: this difference is,
    up to a positive factor, the first-order contribution of each place to the log-odds of label k.
    """
    count = logits.shape[1]
    rivals = logits.unsqueeze(1).expand(-1, count, -1).masked_fill(torch.eye(count, dtype=torch.bool), -torch.inf)
    shares = torch.softmax(rivals, 2)
    return maps - torch.matmul(shares, maps.flatten(2)).reshape(maps.shape)
