"""What every network offers to training and export."""

from abc import ABC, abstractmethod

from torch import Tensor, nn


class ClassMapNetwork(nn.Module, ABC):
    """A network that ends in a 1×1 convolution to one map per label and the maps' mean.

    A 1×1 convolution followed by the mean equals the mean followed by a dense layer, so the maps are exact class
    activation maps (Zhou et al. 2016, arXiv:1512.04150): their mean is the logit.
    """

    @abstractmethod
    def class_maps(self, images: Tensor) -> Tensor:
        """Normalised images [N, 1, H, W] → [N, labels, h, w]."""

    def forward(self, images: Tensor) -> Tensor:
        """Logits [N, labels]."""
        return self.class_maps(images).mean(dim=(2, 3))

    def explain(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and class maps, for export."""
        maps = self.class_maps(images)
        return maps.mean(dim=(2, 3)), maps
