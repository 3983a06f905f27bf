"""InceptionV3 (Szegedy et al. 2016, arXiv:1512.00567) with the layers, padding and layer order of Keras."""

from pathlib import Path

import torch
from torch import Tensor, nn

from axial_training.architectures.class_map_network import ClassMapNetwork
from axial_training.architectures.tfjs_weights import read_tfjs_weights

FEATURES = 2048
BATCH_NORM_EPSILON = 1e-3  # Keras
FEATURE_BLOCKS = (3, 8)  # after the blocks at an eighth and at a sixteenth of the side


class Convolution(nn.Sequential):
    """Convolution without bias, batch norm without scale, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int | tuple[int, int], stride: int = 1, same: bool = True):
        height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
        padding = (height // 2, width // 2) if same else (0, 0)
        norm = nn.BatchNorm2d(outputs, eps=BATCH_NORM_EPSILON, momentum=0.03)
        norm.weight.requires_grad_(False)  # stays 1: the next layer can scale
        super().__init__(
            nn.Conv2d(inputs, outputs, (height, width), stride, padding, bias=False), norm, nn.ReLU(inplace=True)
        )


class Branches(nn.Module):
    """Several branches over the same maps, side by side."""

    def __init__(self, *branches: nn.Module):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, maps: Tensor) -> Tensor:
        """[N, C, h, w] → [N, sum of the branches' channels, h', w']."""
        return torch.cat([branch(maps) for branch in self.branches], 1)


def pooled(inputs: int, outputs: int) -> nn.Sequential:
    """Mean over 3×3, padding not counted, then 1×1."""
    return nn.Sequential(nn.AvgPool2d(3, 1, 1, count_include_pad=False), Convolution(inputs, outputs, 1))


def block_35(inputs: int, pool: int) -> Branches:
    """The blocks named for their 35×35 maps at 299 px."""
    return Branches(
        Convolution(inputs, 64, 1),
        nn.Sequential(Convolution(inputs, 48, 1), Convolution(48, 64, 5)),
        nn.Sequential(Convolution(inputs, 64, 1), Convolution(64, 96, 3), Convolution(96, 96, 3)),
        pooled(inputs, pool),
    )


def reduction_17() -> Branches:
    """From 35×35 to 17×17."""
    return Branches(
        Convolution(288, 384, 3, stride=2, same=False),
        nn.Sequential(Convolution(288, 64, 1), Convolution(64, 96, 3), Convolution(96, 96, 3, stride=2, same=False)),
        nn.MaxPool2d(3, 2),
    )


def block_17(width: int) -> Branches:
    """The blocks with 1×7 and 7×1 filters."""
    row, column = (1, 7), (7, 1)
    return Branches(
        Convolution(768, 192, 1),
        nn.Sequential(Convolution(768, width, 1), Convolution(width, width, row), Convolution(width, 192, column)),
        nn.Sequential(
            Convolution(768, width, 1),
            Convolution(width, width, column),
            Convolution(width, width, row),
            Convolution(width, width, column),
            Convolution(width, 192, row),
        ),
        pooled(768, 192),
    )


def reduction_8() -> Branches:
    """From 17×17 to 8×8."""
    return Branches(
        nn.Sequential(Convolution(768, 192, 1), Convolution(192, 320, 3, stride=2, same=False)),
        nn.Sequential(
            Convolution(768, 192, 1),
            Convolution(192, 192, (1, 7)),
            Convolution(192, 192, (7, 1)),
            Convolution(192, 192, 3, stride=2, same=False),
        ),
        nn.MaxPool2d(3, 2),
    )


def fork() -> Branches:
    """A row and a column filter side by side."""
    return Branches(Convolution(384, 384, (1, 3)), Convolution(384, 384, (3, 1)))


def block_8(inputs: int) -> Branches:
    """The last blocks."""
    return Branches(
        Convolution(inputs, 320, 1),
        nn.Sequential(Convolution(inputs, 384, 1), fork()),
        nn.Sequential(Convolution(inputs, 448, 1), Convolution(448, 384, 3), fork()),
        pooled(inputs, 192),
    )


class InceptionV3(ClassMapNetwork):
    """Grey images [N, 1, H, W] in −1…1, repeated to three channels → class maps, a thirty-second of the side."""

    feature_channels = (288, 768, FEATURES)

    def __init__(self, labels: int, dropout: float = 0.3):
        super().__init__()
        self.stem = nn.Sequential(
            Convolution(3, 32, 3, stride=2, same=False),
            Convolution(32, 32, 3, same=False),
            Convolution(32, 64, 3),
            nn.MaxPool2d(3, 2),
            Convolution(64, 80, 1, same=False),
            Convolution(80, 192, 3, same=False),
            nn.MaxPool2d(3, 2),
        )
        self.mixed = nn.Sequential(
            block_35(192, 32),
            block_35(256, 64),
            block_35(288, 64),
            reduction_17(),
            block_17(128),
            block_17(160),
            block_17(160),
            block_17(192),
            reduction_8(),
            block_8(1280),
            block_8(FEATURES),
        )
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Conv2d(FEATURES, labels, 1)
        nn.init.normal_(self.classifier.weight, std=0.01)
        nn.init.zeros_(self.classifier.bias)

    def class_maps(self, images: Tensor) -> Tensor:
        """[N, 1, H, W] → [N, labels, h, w]."""
        return self.classifier(self.dropout(self.features(images)[-1]))

    def early_layers(self) -> nn.Sequential:
        """Stem and blocks down to an eighth of the side."""
        return nn.Sequential(self.stem, *self.mixed[: FEATURE_BLOCKS[0]])

    def early(self, images: Tensor) -> Tensor:
        """The maps at an eighth of the side: [N, 1, H, W] → [N, 288, h, w]."""
        return self.early_layers()(images.expand(-1, 3, -1, -1))

    def late(self, maps: Tensor) -> Tensor:
        """Logits from the output of `early`."""
        return self.classifier(self.dropout(self.mixed[FEATURE_BLOCKS[0] :](maps))).mean(dim=(2, 3))

    def logits_and_features(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits and the feature maps at an eighth, a sixteenth and a thirty-second of the side, in one pass."""
        features = self.features(images)
        return self.classifier(self.dropout(features[-1])).mean(dim=(2, 3)), features

    def features(self, images: Tensor) -> list[Tensor]:
        """The maps before each reduction, and the last ones."""
        eighth = self.mixed[: FEATURE_BLOCKS[0]](self.stem(images.expand(-1, 3, -1, -1)))
        sixteenth = self.mixed[FEATURE_BLOCKS[0] : FEATURE_BLOCKS[1]](eighth)
        return [eighth, sixteenth, self.mixed[FEATURE_BLOCKS[1] :](sixteenth)]

    def train(self, mode: bool = True) -> "InceptionV3":
        """Frozen layers keep their statistics."""
        super().train(mode)
        for layer in self.modules():
            if isinstance(layer, nn.BatchNorm2d) and not layer.bias.requires_grad:
                layer.eval()
        return self


def load_start_weights(model: InceptionV3, folder: Path) -> None:
    """Fill stem and blocks from a TF.js layers model of Keras' InceptionV3, whose layers are numbered in this order."""
    arrays = read_tfjs_weights(folder)
    layers = [layer for layer in model.modules() if isinstance(layer, Convolution)]
    for number, (convolution, norm, _) in enumerate(layers, start=1):
        kernel = arrays[f"conv2d_{number}/kernel"].transpose(3, 2, 0, 1).copy()
        if kernel.shape != tuple(convolution.weight.shape):
            raise ValueError(f"conv2d_{number}: {kernel.shape} does not fit {tuple(convolution.weight.shape)}")
        with torch.no_grad():
            convolution.weight.copy_(torch.from_numpy(kernel))
            statistics = {"beta": norm.bias, "moving_mean": norm.running_mean, "moving_variance": norm.running_var}
            for name, target in statistics.items():
                target.copy_(torch.from_numpy(arrays[f"batch_normalization_{number}/{name}"]))


def freeze_first_blocks(model: InceptionV3, count: int) -> None:
    """Keep the stem and the first blocks as they are."""
    for part in (model.stem, *model.mixed[:count]):
        part.requires_grad_(False)
