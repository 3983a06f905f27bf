"""An image and its mirror image, answered together."""

from torch import Tensor, nn


class BothWays(nn.Module):
    """The mean of a network's logits for images [N, C, H, W] and for the same mirrored left to right."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Logits."""
        return (self.network(images) + self.network(images.flip(-1))) / 2
