"""MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381), width 1.0, as TensorFlow pads it."""

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from axial_training.architectures.class_map_network import ClassMapNetwork
from axial_training.architectures.same_padding import SameConv2d

FEATURES = 1280
STAGES = (  # expansion, channels, repeats, first stride
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
EARLY_BLOCKS = 7
FEATURE_BLOCKS = (EARLY_BLOCKS, 14)  # the last blocks at strides 8 and 16


class MobileNetV2(ClassMapNetwork):
    """Grey images [N, 1, H, W] in −1…1, repeated to three channels → class maps [N, labels, H/32, W/32]."""

    feature_channels = (32, 96, FEATURES)

    def __init__(self, labels: int, dropout: float = 0.2):
        super().__init__()
        blocks = [convolution(3, 32, 3, stride=2)]
        width = 32
        for expansion, channels, repeats, stride in STAGES:
            for repeat in range(repeats):
                blocks.append(InvertedResidual(width, channels, expansion, stride if repeat == 0 else 1))
                width = channels
        blocks.append(convolution(width, FEATURES, 1))
        self.backbone = nn.Sequential(*blocks)
        self.dropout = nn.Dropout2d(dropout)
        self.classifier = nn.Conv2d(FEATURES, labels, 1)
        nn.init.normal_(self.classifier.weight, std=0.01)
        nn.init.zeros_(self.classifier.bias)

    def class_maps(self, images: Tensor) -> Tensor:
        """[N, 1, H, W] → [N, labels, H/32, W/32]."""
        return self.classifier(self.dropout(self.backbone(images.expand(-1, 3, -1, -1))))

    def early_layers(self) -> nn.Sequential:
        """Those down to an eighth of the side."""
        return self.backbone[: FEATURE_BLOCKS[0]]

    def early(self, images: Tensor) -> Tensor:
        """The maps at an eighth of the side: [N, 1, H, W] → [N, 32, H/8, W/8]."""
        return self.early_layers()(images.expand(-1, 3, -1, -1))

    def late(self, maps: Tensor) -> Tensor:
        """Logits from the output of `early`."""
        return self.classifier(self.dropout(self.backbone[FEATURE_BLOCKS[0] :](maps))).mean(dim=(2, 3))

    def logits_and_features(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits and the feature maps at an eighth, a sixteenth and a thirty-second of the side, in one pass."""
        eighth = self.backbone[: FEATURE_BLOCKS[0]](images.expand(-1, 3, -1, -1))
        sixteenth = self.backbone[FEATURE_BLOCKS[0] : FEATURE_BLOCKS[1]](eighth)
        last = self.backbone[FEATURE_BLOCKS[1] :](sixteenth)
        return self.classifier(self.dropout(last)).mean(dim=(2, 3)), [eighth, sixteenth, last]


class InvertedResidual(nn.Module):
    """Expand 1×1, filter depthwise 3×3, project 1×1 without activation; residual where shapes agree."""

    def __init__(self, width: int, channels: int, expansion: int, stride: int):
        super().__init__()
        hidden = width * expansion
        expand = [convolution(width, hidden, 1)] if expansion != 1 else []
        self.body = nn.Sequential(
            *expand,
            convolution(hidden, hidden, 3, stride=stride, groups=hidden),
            convolution(hidden, channels, 1, activation=False),
        )
        self.residual = stride == 1 and width == channels

    def forward(self, images: Tensor) -> Tensor:
        """[N, C, H, W] → [N, C', H / stride, W / stride]."""
        return images + self.body(images) if self.residual else self.body(images)


def convolution(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, activation: bool = True
) -> nn.Sequential:
    """Convolution (batch norm is folded into it) and ReLU6."""
    return nn.Sequential(
        SameConv2d(inputs, outputs, kernel, stride, groups=groups, bias=True),
        nn.ReLU6(inplace=True) if activation else nn.Identity(),
    )


def load_imagenet(model: MobileNetV2, folder: Path) -> None:
    """Fill the backbone from float16 arrays in TensorFlow layout with batch norm folded into weights and biases.

    `layers.json` lists the layers in order; weights are [out, h, w, in], depthwise ones [1, h, w, channels].
    """
    arrays = np.load(folder / "mobilenet_v2_1.0_224_float16.npz")
    layers = [layer for layer in json.loads((folder / "layers.json").read_text()) if layer["op"] in ("conv", "dwconv")]
    targets = [module for module in model.backbone.modules() if isinstance(module, SameConv2d)]
    if len(layers) != len(targets) + 1:  # the last one is the ImageNet classifier
        raise ValueError(f"expected {len(targets) + 1} layers, found {len(layers)}")
    for layer, target in zip(layers, targets, strict=False):
        axes = (3, 0, 1, 2) if layer["op"] == "dwconv" else (0, 3, 1, 2)
        key = f"{layer['i']:02d}"
        weight = torch.from_numpy(arrays[f"{key}.w"].astype(np.float32).transpose(axes).copy())
        if weight.shape != target.weight.shape:
            raise ValueError(f"layer {key}: {tuple(weight.shape)} does not fit {tuple(target.weight.shape)}")
        with torch.no_grad():
            target.weight.copy_(weight)
            target.bias.copy_(torch.from_numpy(arrays[f"{key}.b"]))


def freeze_first_blocks(model: MobileNetV2, count: int) -> None:
    """Keep the first blocks as they are: edges look alike everywhere, and most of the time goes there."""
    for block in model.backbone[:count]:
        block.requires_grad_(False)
