"""A small network beside the classifier that says where the evidence for each label lies.

The last feature map of a fine-tuned MobileNetV2 sees the whole image at every place, so its class activation maps say
little about where. This network reads feature maps of several depths, which the classifier computes anyway, and predicts
for every label how much its log-odds would fall if a place were blanked. Predicting explanations from features in one
pass is known as amortised explanation (Dabkowski and Gal 2017, arXiv:1705.07857; Jethani et al. 2022, arXiv:2107.07436).
"""

from torch import Tensor, nn
from torch.nn import functional

WIDTH = 64


class OcclusionExplainer(nn.Module):
    """Feature maps of several depths → [N, labels, grid, grid], log-odds lost when that cell is blanked."""

    def __init__(self, channels: tuple[int, ...], labels: int, grid: int):
        super().__init__()
        self.grid = grid
        self.laterals = nn.ModuleList(nn.Conv2d(count, WIDTH, 1) for count in channels)
        self.body = nn.Sequential(
            nn.ReLU(),
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(WIDTH, labels, 1),
        )
        nn.init.normal_(self.body[-1].weight, std=0.01)
        nn.init.zeros_(self.body[-1].bias)

    def forward(self, features: list[Tensor]) -> Tensor:
        """Sum of the depths, each brought to the grid, then two convolutions."""
        size = (self.grid, self.grid)
        levels = [
            functional.interpolate(lateral(level), size, mode="bilinear", align_corners=False)
            for lateral, level in zip(self.laterals, features, strict=True)
        ]
        return self.body(sum(levels[1:], levels[0]))
