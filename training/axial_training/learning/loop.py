"""The training loop: stages, early stopping, weight averaging, checkpoints."""

import csv
import math
import shutil
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from axial_training.evaluation.scores import selection_score
from axial_training.families.family import Dataset, Family, Stage
from axial_training.learning.augmentation import augment
from axial_training.learning.early_maps import EarlyMaps, early_maps_of, late_logits
from axial_training.learning.losses import heads_loss, label_weights, smooth_targets, training_targets
from axial_training.learning.mixup import mixup
from axial_training.learning.normalisation import normalise, to_unit
from axial_training.learning.prediction import predict_logits
from axial_training.learning.weight_average import WeightAverage

WARM_UP_STEPS = 100
LARGEST_GRADIENT_NORM = 2.0
HISTORY_COLUMNS = ("stage", "size", "epoch", "rate", "train_loss", "val_loss", "val_score", "seconds")


@dataclass
class Progress:
    """Where a run stands; saved after every epoch."""

    stage: int = 0
    epoch: int = 0  # next epoch of the stage
    best: tuple[float, float] = (-math.inf, -math.inf)  # score, minus loss
    stale: int = 0
    spent: float = 0.0  # seconds on the stage so far, by the clock


class Training:
    """One run of one family, kept in `folder`: last.pt to resume from, best.pt (also kept per stage), history.csv.

    `minutes` is how long a stage may take: the learning rate then falls with the clock, or with the steps if they are
    faster, so that a stage that is cut short ends as annealed as a whole one.
    """

    def __init__(self, family: Family, data: Path, folder: Path, resume: bool, minutes: float = math.inf):
        self.family = family
        self.recipe = family.recipe
        self.data = data
        self.folder = folder
        self.limit = minutes * 60
        folder.mkdir(parents=True, exist_ok=True)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(self.recipe.seed)
        self.generator = torch.Generator().manual_seed(self.recipe.seed)
        self.random = np.random.default_rng(self.recipe.seed)
        self.network = family.build(data).to(self.device, memory_format=torch.channels_last)
        self.average = WeightAverage(self.network, self.recipe.average_decay)
        self.progress = Progress()
        self.history: list[dict] = []
        if resume:
            self.restore()

    def run(self) -> nn.Module:
        """Train every stage; return the averaged network of the best validation epoch."""
        while self.progress.stage < len(self.recipe.stages):
            self.run_stage(self.recipe.stages[self.progress.stage])
            self.progress = Progress(stage=self.progress.stage + 1)
            self.restart_from_best()
        return self.average.model

    def run_stage(self, stage: Stage) -> None:
        """Train at one image size until its epochs are over or validation stopped improving."""
        train = self.family.load(self.data, "train", stage.size)
        validation = self.family.load(self.data, "val", stage.size)
        self.freeze(stage)
        self.network.train()  # batch norms of frozen layers keep their statistics, also while early maps are made
        optimiser = self.new_optimiser(stage)
        self.maps = None
        if stage.copies:
            self.maps = EarlyMaps(self.network, train.images, stage.copies, self.recipe.augmentation, self.generator)
            self.validation_maps = early_maps_of(self.network, validation.images)
        bar = tqdm(range(self.progress.epoch, stage.epochs), desc=f"{self.family.id} {stage.size} px", unit="epoch")
        for epoch in bar:
            started = time.monotonic()
            loss = self.run_epoch(train, optimiser, stage, epoch)
            score, validation_loss = self.validate(validation)
            self.note(stage, epoch, optimiser, loss, score, validation_loss, time.monotonic() - started)
            bar.set_postfix(loss=f"{loss:.3f}", val=f"{score:.4f}", best=f"{self.progress.best[0]:.4f}")
            if self.progress.stale >= self.recipe.patience or self.progress.spent >= self.limit:
                break

    def freeze(self, stage: Stage) -> None:
        """What the family never trains, and the early layers where the stage keeps their maps."""
        self.network.requires_grad_(True)
        self.family.freeze(self.network)
        if stage.copies:
            self.network.early_layers().requires_grad_(False)

    def new_optimiser(self, stage: Stage) -> torch.optim.Optimizer:
        """AdamW; biases are not decayed."""
        trainable = [parameter for parameter in self.network.parameters() if parameter.requires_grad]
        return torch.optim.AdamW(
            [
                {"params": [p for p in trainable if p.ndim > 1], "weight_decay": self.recipe.weight_decay},
                {"params": [p for p in trainable if p.ndim <= 1], "weight_decay": 0.0},
            ],
            lr=stage.rate,
        )

    def run_epoch(self, train: Dataset, optimiser: torch.optim.Optimizer, stage: Stage, epoch: int) -> float:
        """One pass over the training images; returns the mean loss."""
        self.network.train()
        labels = torch.from_numpy(train.labels)
        targets = training_targets(train, self.family.heads, self.recipe.smoothing)
        shares = torch.ones(len(labels)) if train.weights is None else torch.from_numpy(train.weights)
        order = self.random.permutation(drawn(train.groups, len(labels), self.recipe.most_of_a_group, self.random))
        weights = label_weights(labels[order], self.family.heads, self.recipe.class_weight_power).to(self.device)
        batches = np.array_split(order, max(1, len(order) // self.recipe.batch))
        total, started = 0.0, time.monotonic()
        for index, batch in enumerate(batches):
            clock = (self.progress.spent + time.monotonic() - started) / self.limit
            if clock >= 1 and index > 0:
                return total / index
            rate = learning_rate(stage, epoch * len(batches) + index, stage.epochs * len(batches), clock)
            for group in optimiser.param_groups:
                group["lr"] = rate
            mixed = mixup(self.recipe.mixup_alpha, self.random, self.shown(train, batch), targets[batch], shares[batch])
            total += self.step(*mixed, weights, optimiser)
        return total / len(batches)

    def shown(self, train: Dataset, rows: np.ndarray) -> Tensor:
        """Augmented images in −1…1, or their early maps."""
        if self.maps:
            return self.maps.batch(rows, self.random)
        return normalise(augment(to_unit(torch.from_numpy(train.images[rows])), self.recipe.augmentation, self.generator))

    def step(
        self, images: Tensor, targets: Tensor, shares: Tensor, weights: Tensor, optimiser: torch.optim.Optimizer
    ) -> float:
        """One gradient step in bfloat16 arithmetic with float32 weights."""
        images = images.to(self.device).contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16):
            logits = self.network.late(images) if self.maps else self.network(images)
        loss = heads_loss(logits.float(), targets.to(self.device), weights, self.family.heads, shares.to(self.device))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), LARGEST_GRADIENT_NORM)
        optimiser.step()
        self.average.update(self.network)
        return float(loss.detach())

    def validate(self, validation: Dataset) -> tuple[float, float]:
        """Score and loss of the averaged network."""
        if self.maps:
            logits = late_logits(self.average.model, self.validation_maps)
        else:
            logits = predict_logits(self.average.model, validation.images, self.device)
        labels = torch.from_numpy(validation.labels)
        targets = smooth_targets(labels, self.family.heads, 0.0)
        loss = heads_loss(logits, targets, torch.ones(logits.shape[1]), self.family.heads)
        return selection_score(self.family, logits, validation.labels), float(loss)

    def note(
        self,
        stage: Stage,
        epoch: int,
        optimiser: torch.optim.Optimizer,
        loss: float,
        score: float,
        validation_loss: float,
        seconds: float,
    ) -> None:
        """Record the epoch; keep the averaged weights if they are the best of the stage."""
        values = (self.progress.stage, stage.size, epoch, optimiser.param_groups[0]["lr"], loss, validation_loss, score)
        self.history.append(dict(zip(HISTORY_COLUMNS, (*values, seconds), strict=True)))
        with (self.folder / "history.csv").open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, HISTORY_COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.history)
        if (score, -validation_loss) > self.progress.best:
            self.progress.best = (score, -validation_loss)
            self.progress.stale = 0
            torch.save(self.average.model.state_dict(), self.folder / "best.pt")
        else:
            self.progress.stale += 1
        self.progress.epoch = epoch + 1
        self.progress.spent += seconds
        self.save()

    def save(self) -> None:
        """Write what a later run needs to go on."""
        torch.save(
            {
                "network": self.network.state_dict(),
                "average": self.average.model.state_dict(),
                "updates": self.average.updates,
                "progress": vars(self.progress),
                "history": self.history,
            },
            self.folder / "last.pt",
        )

    def restore(self) -> None:
        """Go on where a run stopped. The optimiser's moments start afresh."""
        path = self.folder / "last.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average.model.load_state_dict(state["average"])
        self.average.updates = state["updates"]
        self.progress = Progress(**state["progress"])
        self.history = state["history"]

    def restart_from_best(self) -> None:
        """Put the best averaged weights into both networks."""
        shutil.copy(self.folder / "best.pt", self.folder / f"best-stage-{self.progress.stage}.pt")
        best = torch.load(self.folder / "best.pt", map_location=self.device, weights_only=True)
        self.network.load_state_dict(best)
        self.average.model.load_state_dict(best)
        self.save()


def learning_rate(stage: Stage, step: int, steps: int, clock: float = 0.0) -> float:
    """Linear warm-up over at most a tenth of the steps, then a cosine down to a hundredth.

    `clock` is the part of the stage's time that has passed; the cosine follows whichever is further.
    Loshchilov and Hutter 2017, arXiv:1608.03983.
    """
    warm_up = min(1.0, (step + 1) / min(WARM_UP_STEPS, steps / 10))
    passed = min(1.0, max(step / steps, clock))
    return stage.rate * warm_up * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * passed)))


def drawn(groups: tuple[str, ...], count: int, most: int, random: np.random.Generator) -> np.ndarray:
    """Rows of one epoch: at most `most` of each group, chosen anew every time; 0: all `count`."""
    if not most or not groups:
        return np.arange(count)
    taken: Counter[str] = Counter()
    rows = []
    for row in random.permutation(count):
        taken[groups[row]] += 1
        if taken[groups[row]] <= most:
            rows.append(row)
    return np.array(rows)
