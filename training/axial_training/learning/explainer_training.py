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
from axial_training.learning.augmentation import augment
from axial_training.learning.normalisation import normalise, to_unit
from axial_training.learning.occlusions import Occlusions, OcclusionTeacher, hottest_cells

BATCH = 32
RATE = 2e-3
WEIGHT_DECAY = 0.02
WINNER_WEIGHT = 4.0


def train_explainer(family: Family, data: Path, run: Path, threads: int = 0) -> None:
    """Fit an explainer of the first head to `run`/best.pt and write `run`/explainer.pt."""
    network = load_network(family, data, run)
    family.finish(network, data)
    size, recipe = family.recipe.stages[-1].size, family.recipe
    explainer = new_explainer(family, network)
    images = changed(family.load(data, "train", size).images, family)
    chosen = np.random.default_rng(recipe.seed).permutation(len(images))[: family.explainer.images]
    teacher = OcclusionTeacher(network, len(family.heads[0].labels), images[chosen], threads)
    fit_explainer(teacher, explainer, family.explainer, recipe.seed)
    torch.save(explainer.state_dict(), run / "explainer.pt")
    print("on validation:", check_on(network, explainer, family.load(data, "val", size), recipe.seed))


def changed(images: np.ndarray, family: Family) -> np.ndarray:
    """Augmented copies: of the images as they were the classifier is surer than it is of any new one."""
    generator = torch.Generator().manual_seed(family.recipe.seed)
    parts = [
        augment(to_unit(torch.from_numpy(images[start : start + BATCH])), family.recipe.augmentation, generator)
        for start in range(0, len(images), BATCH)
    ]
    return (torch.cat(parts) * 255).round().to(torch.uint8).numpy()


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


def fit_explainer(teacher: OcclusionTeacher, explainer: OcclusionExplainer, recipe: ExplainerRecipe, seed: int) -> None:
    """Regress the loss of log-odds: first on random masks, then also on what the explainer itself finds hottest."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    occlusions = teacher.first(recipe.grid, recipe.masks, recipe.shares, random)
    fit_round(occlusions, explainer, recipe.epochs, random)
    for _ in range(recipe.rounds):
        teacher.extend(occlusions, own_masks(occlusions, explainer))
        fit_round(occlusions, explainer, recipe.epochs, random)


def fit_round(occlusions: Occlusions, explainer: OcclusionExplainer, epochs: int, random: np.random.Generator) -> None:
    """Some epochs over all masks so far."""
    count = len(occlusions.winner)
    optimiser = torch.optim.AdamW(explainer.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)
    steps = epochs * -(-count // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    bar = tqdm(total=steps, desc="explainer", unit="batch", mininterval=5)
    for _ in range(epochs):
        order = random.permutation(count)
        for start in range(0, count, BATCH):
            loss = explainer_loss(occlusions, explainer, np.sort(order[start : start + BATCH]))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            schedule.step()
            bar.update()
            bar.set_postfix(loss=f"{float(loss.detach()):.3f}")


def explainer_loss(occlusions: Occlusions, explainer: OcclusionExplainer, rows: np.ndarray) -> Tensor:
    """Huber distance of predicted and real losses of log-odds; the winning label counts more.

    Cells' contributions are added up, as in a linear surrogate.
    """
    maps = explainer(depths(occlusions, rows))
    masks = torch.from_numpy(occlusions.masks[rows]).float()
    predicted = torch.einsum("nkyx,nmyx->nmk", maps, masks)
    real = torch.from_numpy(occlusions.losses[rows])
    weights = 1 + WINNER_WEIGHT * functional.one_hot(torch.from_numpy(occlusions.winner[rows]), maps.shape[1])
    return (functional.smooth_l1_loss(predicted, real, reduction="none") * weights[:, None]).mean()


@torch.inference_mode()
def own_masks(occlusions: Occlusions, explainer: OcclusionExplainer) -> np.ndarray:
    """[N, 1, grid, grid]: the hottest tenth of each winner's present map."""
    count = len(occlusions.winner)
    parts = []
    for start in range(0, count, BATCH):
        rows = np.arange(start, min(start + BATCH, count))
        parts.append(hottest_cells(explainer(depths(occlusions, rows)), torch.from_numpy(occlusions.winner[rows])))
    return torch.cat(parts).numpy()[:, None]


def depths(occlusions: Occlusions, rows: np.ndarray) -> list[Tensor]:
    """Feature maps of some images."""
    return [torch.from_numpy(level[rows]).float() for level in occlusions.features]
