"""Several networks that answer together."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class Ensemble(nn.Module):
    """The mean of its members' logits. Each member sees the square images at the size that it was trained at."""

    def __init__(self, members: list[nn.Module], sizes: tuple[int, ...]):
        super().__init__()
        self.members = nn.ModuleList(members)
        self.sizes = sizes
        self.feature_channels = tuple(channels for member in members for channels in member.feature_channels)

    def forward(self, images: Tensor) -> Tensor:
        """[N, 1, S, S] → logits [N, labels]."""
        views = [resized(images, size) for size in self.sizes]
        return torch.stack([member(view) for member, view in zip(self.members, views, strict=True)]).mean(0)

    def logits_and_features(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits and the feature maps of every member."""
        views = [resized(images, size) for size in self.sizes]
        answers = [member.logits_and_features(view) for member, view in zip(self.members, views, strict=True)]
        logits = torch.stack([logits for logits, _ in answers]).mean(0)
        return logits, [level for _, features in answers for level in features]


def resized(images: Tensor, size: int) -> Tensor:
    """Bilinear, to [N, 1, size, size]."""
    if images.shape[-1] == size:
        return images
    return functional.interpolate(images, (size, size), mode="bilinear", align_corners=False)
