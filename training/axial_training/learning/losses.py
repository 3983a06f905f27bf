"""Losses over one or several softmax heads. Logits and soft targets are [N, sum of labels over heads]."""

import torch
from torch import Tensor
from torch.nn import functional

from axial_training.families.family import Dataset, Head


def heads_loss(
    logits: Tensor, targets: Tensor, weights: Tensor, heads: tuple[Head, ...], shares: Tensor | None = None
) -> Tensor:
    """Mean over heads of weighted cross-entropy; ordinal heads add the squared earth mover's distance.

    `weights` [sum of labels]: one per label; `shares` [N]: how much an image counts, all the same without it.
    """
    shares = torch.ones_like(logits[:, 0]) if shares is None else shares
    losses = []
    start = 0
    for head in heads:
        part = slice(start, start + len(head.labels))
        start = part.stop
        losses.append(cross_entropy(logits[:, part], targets[:, part] * shares[:, None], weights[part]))
        if head.ordinal:
            losses[-1] = losses[-1] + head.ordinal_weight * earth_mover(logits[:, part], targets[:, part], shares)
    return torch.stack(losses).mean()


def cross_entropy(logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """Cross-entropy against soft targets, each target's share weighted, normalised by the batch's weight."""
    weighted = targets * weights
    return -(weighted * functional.log_softmax(logits, 1)).sum() / weighted.sum()


def earth_mover(logits: Tensor, targets: Tensor, shares: Tensor) -> Tensor:
    """Squared distance of cumulative distributions over ordered labels (Hou et al. 2016, arXiv:1611.05916)."""
    distances = (functional.softmax(logits, 1).cumsum(1) - targets.cumsum(1)).square().sum(1)
    return (distances * shares).sum() / shares.sum()


def smooth_targets(labels: Tensor, heads: tuple[Head, ...], smoothing: float) -> Tensor:
    """Integer labels [N, heads] → soft targets [N, sum of labels].

    Nominal heads spread `smoothing` over all labels; ordinal heads give it to the neighbouring grades only.
    """
    parts = []
    for column, head in enumerate(heads):
        count = len(head.labels)
        table = torch.eye(count) * (1 - smoothing) + smoothing / count
        if head.ordinal:
            near = torch.diag(torch.ones(count - 1), 1) + torch.diag(torch.ones(count - 1), -1)
            table = torch.eye(count) * (1 - smoothing) + smoothing * near / near.sum(1, keepdim=True)
        parts.append(table[labels[:, column]])
    return torch.cat(parts, 1)


def label_weights(labels: Tensor, heads: tuple[Head, ...], power: float) -> Tensor:
    """[sum of labels]: frequency to the minus `power`, scaled so that the mean weight of an example is 1."""
    parts = []
    for column, head in enumerate(heads):
        counts = torch.bincount(labels[:, column], minlength=len(head.labels)).clamp(min=1).float()
        weights = counts**-power
        parts.append(weights * counts.sum() / (weights * counts).sum())
    return torch.cat(parts)


def training_targets(dataset: Dataset, heads: tuple[Head, ...], smoothing: float) -> Tensor:
    """[N, sum of labels]: the labels smoothed, or what the data set says itself."""
    if dataset.targets is not None:
        return torch.from_numpy(dataset.targets)
    return smooth_targets(torch.from_numpy(dataset.labels), heads, smoothing)
