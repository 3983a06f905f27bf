"""Fitting an occlusion explainer to a finished classifier, which stays as it is."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from axial_training.architectures.occlusion_explainer import OcclusionExplainer
from axial_training.evaluation.explanation import ExplanationCheck, check_explanation
from axial_training.families.family import Dataset, ExplainerRecipe, Family
from axial_training.learning.normalisation import normalise, to_unit

MASKS_PER_IMAGE = 3
BATCH = 16
RATE = 2e-3
HOTTEST_SHARE = 0.1
WINNER_WEIGHT = 4.0


def train_explainer(family: Family, data: Path, run: Path) -> None:
    """Fit an explainer of the first head to `run`/best.pt and write `run`/explainer.pt."""
    network = load_network(family, data, run).to(memory_format=torch.channels_last)
    images = family.load(data, "train", family.recipe.stages[-1].size).images
    explainer = new_explainer(family, network)
    fit_explainer(network, explainer, images, family.explainer, family.recipe.seed)
    torch.save(explainer.state_dict(), run / "explainer.pt")
    validation = family.load(data, "val", family.recipe.stages[-1].size)
    print("on validation:", check_on(network, explainer, validation, family.recipe.seed))


def check_on(network: nn.Module, explainer: OcclusionExplainer, dataset: Dataset, seed: int) -> ExplanationCheck:
    """Blanking and pointing tests of the explained network."""

    @torch.inference_mode()
    def predict(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        parts = []
        for start in range(0, len(images), BATCH):
            batch = normalise(to_unit(torch.from_numpy(images[start : start + BATCH])))
            logits, features = network.logits_and_features(batch)
            maps = explainer(features)
            parts.append((torch.softmax(logits[:, : maps.shape[1]], 1), maps))
        return tuple(torch.cat(column).numpy() for column in zip(*parts, strict=True))

    return check_explanation(predict, dataset.images, dataset.boxes, seed)


def load_network(family: Family, data: Path, run: Path) -> nn.Module:
    """The network with the run's best weights."""
    network = family.build(data)
    network.load_state_dict(torch.load(run / "best.pt", map_location="cpu", weights_only=True))
    return network.eval()


def load_explainer(family: Family, network: nn.Module, run: Path) -> OcclusionExplainer | None:
    """The fitted explainer, or None for a family that needs none."""
    if family.explainer is None:
        return None
    explainer = new_explainer(family, network)
    explainer.load_state_dict(torch.load(run / "explainer.pt", map_location="cpu", weights_only=True))
    return explainer.eval()


def new_explainer(family: Family, network: nn.Module) -> OcclusionExplainer:
    """An explainer of the right shape, not yet fitted."""
    return OcclusionExplainer(network.feature_channels, len(family.heads[0].labels), family.explainer.grid)


def fit_explainer(
    network: nn.Module, explainer: OcclusionExplainer, images: np.ndarray, recipe: ExplainerRecipe, seed: int
) -> None:
    """Blank random and currently hottest cells of training images [N, 1, S, S]; regress the loss of log-odds.

    Cells' contributions are added up, as in a linear surrogate.
    """
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    network.eval().requires_grad_(False)
    optimiser = torch.optim.AdamW(explainer.parameters(), lr=RATE)
    steps = recipe.epochs * -(-len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    bar = tqdm(total=steps, desc="explainer", unit="batch", mininterval=5)
    for _ in range(recipe.epochs):
        order = random.permutation(len(images))
        for start in range(0, len(order), BATCH):
            batch = to_unit(torch.from_numpy(images[order[start : start + BATCH]]))
            loss = explainer_loss(network, explainer, batch, recipe.shares, random)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            schedule.step()
            bar.update()
            bar.set_postfix(loss=f"{float(loss.detach()):.3f}")


def explainer_loss(
    network: nn.Module,
    explainer: OcclusionExplainer,
    images: Tensor,
    shares: tuple[float, float],
    random: np.random.Generator,
) -> Tensor:
    """Huber distance of predicted and real losses of log-odds; the winning label counts more."""
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        logits, features = network.logits_and_features(normalise(images))
    labels = explainer.body[-1].out_channels
    before = log_odds(logits[:, :labels].float())
    maps = explainer([level.float() for level in features])
    weights = 1 + WINNER_WEIGHT * functional.one_hot(before.argmax(1), labels)
    losses = []
    for index in range(MASKS_PER_IMAGE):
        if index == 0:
            masks = hottest_cells(maps.detach(), before.argmax(1))
        else:
            masks = random_cells(len(images), explainer.grid, shares, random)
        real = before - log_odds(blanked_logits(network, images, masks)[:, :labels])
        predicted = (maps * masks[:, None]).sum(dim=(2, 3))
        losses.append((functional.smooth_l1_loss(predicted, real, reduction="none") * weights).mean())
    return torch.stack(losses).mean()


@torch.no_grad()
def blanked_logits(network: nn.Module, images: Tensor, masks: Tensor) -> Tensor:
    """Logits after the masked cells [N, grid, grid] are set to black."""
    kept = 1 - functional.interpolate(masks[:, None], images.shape[-2:], mode="nearest")
    with torch.autocast("cpu", torch.bfloat16):
        return network(normalise(images * kept).contiguous(memory_format=torch.channels_last)).float()


def log_odds(logits: Tensor) -> Tensor:
    """Log of p / (1 − p) for every label of a softmax."""
    count = logits.shape[1]
    rivals = logits.unsqueeze(1).expand(-1, count, -1).masked_fill(torch.eye(count, dtype=torch.bool), -torch.inf)
    return logits - rivals.logsumexp(2)


def hottest_cells(maps: Tensor, winner: Tensor) -> Tensor:
    """Ones on the hottest tenth of the winner's map."""
    heat = maps[torch.arange(len(maps)), winner]
    count = max(1, int(heat[0].numel() * HOTTEST_SHARE))
    chosen = heat.flatten(1).topk(count).indices
    return torch.zeros_like(heat).flatten(1).scatter(1, chosen, 1.0).view_as(heat)


def random_cells(count: int, grid: int, shares: tuple[float, float], random: np.random.Generator) -> Tensor:
    """Ones on one to three random rectangles that cover a part of the image between `shares`."""
    masks = torch.zeros(count, grid, grid)
    for mask in masks:
        rectangles = int(random.integers(1, 4))
        share = random.uniform(*shares)
        for _ in range(rectangles):
            area = grid * grid * share / rectangles
            aspect = np.exp(random.uniform(-0.7, 0.7))
            height = int(np.clip(round(np.sqrt(area * aspect)), 1, grid))
            width = int(np.clip(round(np.sqrt(area / aspect)), 1, grid))
            top, left = random.integers(0, grid - height + 1), random.integers(0, grid - width + 1)
            mask[top : top + height, left : left + width] = 1
    return masks
