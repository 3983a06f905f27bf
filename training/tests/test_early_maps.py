"""Early maps of augmented copies: computed once, and kept for each image by itself."""

import numpy as np
import pytest
import torch
from torch import nn

from axial_training.architectures.inception_v3 import InceptionV3
from axial_training.architectures.mobilenet_v2 import MobileNetV2
from axial_training.learning.augmentation import Augmentation
from axial_training.learning.early_maps import EarlyMaps

COPIES = 3


class Counting(nn.Module):
    """Its early layers are the image itself; counts the images that it is asked for."""

    def __init__(self):
        super().__init__()
        self.seen = 0

    def early(self, images: torch.Tensor) -> torch.Tensor:
        self.seen += len(images)
        return images


@pytest.mark.parametrize("build", [MobileNetV2, InceptionV3])
def test_late_layers_follow_early_ones(build: type[nn.Module]):
    torch.manual_seed(0)
    network, images = build(3).eval(), torch.rand(2, 1, 96, 96) * 2 - 1
    with torch.inference_mode():
        torch.testing.assert_close(network.late(network.early(images)), network(images))


def test_frozen_early_layers_keep_their_statistics():
    network = InceptionV3(3)
    network.early_layers().requires_grad_(False)
    network.train()
    before = {name: values.clone() for name, values in network.early_layers().state_dict().items()}
    network.early(torch.rand(2, 1, 96, 96))
    for name, values in network.early_layers().state_dict().items():
        torch.testing.assert_close(values, before[name])
    assert network.mixed[-1].training


def test_only_what_lacks_copies_is_computed():
    images = np.arange(6, dtype=np.uint8).repeat(64).reshape(6, 1, 8, 8) * 40
    network, random = Counting(), np.random.default_rng(0)
    still = Augmentation(0, 0, 0, 0, False, 0, 0, 0, 0)
    maps = EarlyMaps(network, images, COPIES, still, torch.Generator().manual_seed(0))
    before = network.seen
    often, all_rows = np.arange(3), np.arange(6)
    for _ in range(COPIES):
        maps.batch(often, random)
    assert network.seen - before == 3 * COPIES
    for count in (3, 3, 3, 0, 0):
        before = network.seen
        found = maps.batch(all_rows[::-1].copy(), random)
        assert network.seen - before == count
        np.testing.assert_allclose(found[:, 0, 4, 4], images[::-1, 0, 4, 4] / 127.5 - 1, atol=1e-3)
