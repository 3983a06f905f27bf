"""Plain stacks of convolutions, trained from scratch with batch norm."""

import torch
from torch import Tensor, nn

from axial_training.architectures.class_map_network import ClassMapNetwork


def block(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution, batch norm, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class BaselineCnn(nn.Module):
    """Five convolutions with pooling, then three dense layers. Grey images [N, 1, 128, 128] → logits [N, labels]."""

    widths = (24, 48, 96, 128, 128)
    hidden = (256, 128)
    feature_channels = (96, 128, 128)

    def __init__(self, labels: int, side: int = 128):
        super().__init__()
        inputs = (1, *self.widths[:-1])
        self.blocks = nn.ModuleList(
            nn.Sequential(block(i, o), nn.MaxPool2d(2)) for i, o in zip(inputs, self.widths, strict=True)
        )
        flat = self.widths[-1] * (side // 2 ** len(self.widths)) ** 2
        self.dense = nn.Sequential(
            nn.Dropout(0.4),
            nn.Linear(flat, self.hidden[0]),
            nn.ReLU(inplace=True),
            nn.Dropout(0.3),
            nn.Linear(self.hidden[0], self.hidden[1]),
            nn.ReLU(inplace=True),
            nn.Linear(self.hidden[1], labels),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Logits."""
        return self.logits_and_features(images)[0]

    def logits_and_features(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits and the maps of the last three convolutions."""
        maps = []
        for layer in self.blocks:
            images = layer(images)
            maps.append(images)
        return self.dense(images.flatten(1)), maps[-3:]


class AlexNetSlices(ClassMapNetwork):
    """AlexNet's five convolutions (Krizhevsky et al. 2012) at a quarter of its widths with a first stride of 2 instead of
    4, so that small lesions keep a place on the map: [N, 1, H, W] → [N, labels, H/8, W/8]."""

    def __init__(self, labels: int):
        super().__init__()
        self.features = nn.Sequential(
            block(1, 24, kernel=7, stride=2),
            nn.MaxPool2d(2),
            block(24, 48, kernel=5),
            nn.MaxPool2d(2),
            block(48, 96),
            block(96, 64),
            block(64, 64),
            nn.Dropout2d(0.1),
        )
        self.classifier = nn.Conv2d(64, labels, 1)

    def class_maps(self, images: Tensor) -> Tensor:
        """[N, 1, H, W] → [N, labels, H/8, W/8]."""
        return self.classifier(self.features(images))


class Vgg16(ClassMapNetwork):
    """VGG16's thirteen convolutions (Simonyan and Zisserman 2015) at a quarter of its widths, with batch norm and without
    the last two poolings, so that the maps stay fine: [N, 1, H, W] → [N, labels, H/8, W/8]."""

    layout = ((16, 16), (32, 32), (64, 64, 64), (128, 128, 128), (128, 128, 128))
    poolings = 3
    feature_channels = (64, 128, 128)
    feature_layers = (9, 13)  # where the third and the fourth stage end

    def __init__(self, labels: int):
        super().__init__()
        layers: list[nn.Module] = []
        width = 1
        for stage, channels in enumerate(self.layout):
            for count in channels:
                layers.append(block(width, count))
                width = count
            if stage < self.poolings:
                layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout2d(0.2)
        self.classifier = nn.Conv2d(width, labels, 1)

    def class_maps(self, images: Tensor) -> Tensor:
        """[N, 1, H, W] → [N, labels, H/8, W/8]."""
        return self.classifier(self.dropout(self.features(images)))

    def logits_and_features(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits and the maps of the last three stages, in one pass."""
        quarter = self.features[: self.feature_layers[0]](images)
        eighth = self.features[self.feature_layers[0] : self.feature_layers[1]](quarter)
        last = self.features[self.feature_layers[1] :](eighth)
        return self.classifier(self.dropout(last)).mean(dim=(2, 3)), [quarter, eighth, last]


class LumbarCnn(ClassMapNetwork):
    """Five convolution blocks; two coordinate channels (Liu et al. 2018, arXiv:1807.03247) let it tell left from right.

    Grey images [N, 1, 256, 256] → [N, labels of all heads, 16, 16].
    """

    widths = (16, 32, 64, 96, 128)

    def __init__(self, labels: int):
        super().__init__()
        inputs = (3, *self.widths[:-1])
        layers = [nn.Sequential(block(i, o), nn.MaxPool2d(2)) for i, o in zip(inputs, self.widths, strict=True)]
        layers[-1] = layers[-1][0]  # no pooling after the last block
        self.features = nn.Sequential(*layers, nn.Dropout2d(0.1))
        self.classifier = nn.Conv2d(self.widths[-1], labels, 1)

    def class_maps(self, images: Tensor) -> Tensor:
        """[N, 1, H, W] → [N, labels, H/16, W/16]."""
        return self.classifier(self.features(torch.cat([images, coordinates(images)], 1)))


def coordinates(images: Tensor) -> Tensor:
    """Row and column in −1…1 for each pixel: [N, 2, H, W]."""
    count, _, height, width = images.shape
    rows = torch.linspace(-1, 1, height).view(1, 1, -1, 1).expand(count, 1, height, width)
    columns = torch.linspace(-1, 1, width).view(1, 1, 1, -1).expand(count, 1, height, width)
    return torch.cat([rows, columns], 1).to(images.device)


class SeriesNetwork(nn.Module):
    """A slice classifier over series: probabilities per slice, maximum over slices, divided by their sum.

    As in MRNet (Bien et al. 2018) the maximum picks the telling slice; here it is taken of probabilities, so that slices
    of many series share a batch and the maximum is the package's aggregation. The slice network has one answer more than
    there are labels, "nothing to tell": a slice beside the anatomy gives its probability to that one, so it does not raise
    the maximum of any label. [N, slices, H, W] → log-probabilities [N, labels].
    """

    hidden = 1

    def __init__(self, slice_network: ClassMapNetwork):
        super().__init__()
        self.slice_network = slice_network

    def forward(self, series: Tensor) -> Tensor:
        """Log of the aggregated probabilities."""
        count, slices = series.shape[:2]
        logits = self.slice_network(series.flatten(0, 1).unsqueeze(1)).float()
        highest = torch.softmax(logits, 1)[:, : -self.hidden].view(count, slices, -1).amax(dim=1)
        return torch.log(highest / highest.sum(dim=1, keepdim=True))

    def explain(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Single slices, for export."""
        return self.slice_network.explain(images)
