"""Exponential moving average of weights (Polyak and Juditsky 1992)."""

import copy

import torch
from torch import nn


class WeightAverage:
    """Keeps `model`, an averaged copy of the network in training. Early on the average forgets faster."""

    def __init__(self, network: nn.Module, decay: float):
        self.model = copy.deepcopy(network).eval()
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Take one step towards the network's present weights."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for average, current in zip(self.model.state_dict().values(), network.state_dict().values(), strict=True):
            if average.dtype.is_floating_point:
                average.lerp_(current, 1 - decay)
            else:
                average.copy_(current)
