"""An explainer finds the place that a classifier answers to."""

import numpy as np
import torch
from torch import Tensor, nn

from axial_training.architectures.occlusion_explainer import OcclusionExplainer
from axial_training.families.family import ExplainerRecipe
from axial_training.learning.explainer_training import depths, fit_explainer
from axial_training.learning.occlusions import OcclusionTeacher, blank_cells, log_odds

SIZE, GRID = 32, 8


class BrightestPlace(nn.Module):
    """The second label's logit grows with the bright pixels; nothing is learnt."""

    feature_channels = (1, 1)

    def logits_and_features(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        light = nn.functional.avg_pool2d((images + 1) / 2, 4)
        logit = 40 * light.mean(dim=(1, 2, 3)) - 1
        return torch.stack([-logit, logit], 1), [light, nn.functional.avg_pool2d(light, 2)]


def spots(count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Images with one bright square, and its corner."""
    images = np.zeros((count, 1, SIZE, SIZE), np.uint8)
    corners = random.integers(0, SIZE - 8, (count, 2))
    for image, (top, left) in zip(images, corners, strict=True):
        image[:, top : top + 8, left : left + 8] = 255
    return images, corners


def test_the_hottest_place_is_the_bright_one():
    random = np.random.default_rng(3)
    images, corners = spots(96, random)
    network = BrightestPlace()
    explainer = OcclusionExplainer(network.feature_channels, 2, GRID)
    teacher = OcclusionTeacher(network, 2, images)
    recipe = ExplainerRecipe(grid=GRID, masks=6, rounds=1, epochs=20, shares=(0.05, 0.2))
    fit_explainer(teacher, explainer, recipe, seed=1)
    found = teacher.first(GRID, 1, recipe.shares, random)
    heat = explainer(depths(found, np.arange(len(images))))[:, 1].detach().numpy()
    rows, columns = np.divmod(heat.reshape(len(images), -1).argmax(axis=1), GRID)
    centres = (np.stack([rows, columns], 1) + 0.5) * SIZE / GRID
    inside = ((centres >= corners) & (centres <= corners + 8)).all(axis=1)
    assert inside.mean() > 0.9


def test_blanking_is_black_and_costs_what_the_logits_say():
    images = np.full((1, 1, 8, 8), 200, np.uint8)
    masks = np.zeros((1, 2, 2), bool)
    masks[0, 0, 1] = True
    blanked = blank_cells(images, masks)
    assert (blanked[0, 0, :4, 4:] == 0).all() and (blanked == 200).sum() == 48
    two = np.array([[2.0, 1.0]], np.float32)
    np.testing.assert_allclose(log_odds(two), [[1.0, -1.0]], atol=1e-6)
