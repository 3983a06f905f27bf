"""Schedule and weight averaging; and a run of one epoch that is resumed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from axial_training.architectures.plain_cnn import AlexNetSlices
from axial_training.families.family import Dataset, Stage
from axial_training.families.registry import FAMILIES
from axial_training.learning.loop import Training, learning_rate
from axial_training.learning.weight_average import WeightAverage


def test_rate_warms_up_and_falls():
    stage = Stage(size=32, epochs=1, rate=1.0)
    rates = [learning_rate(stage, step, 1000) for step in range(1000)]
    assert rates[0] < 0.02 and 0.95 < max(rates) <= 1.0 and rates[-1] < 0.02
    assert np.argmax(rates) == 99


def test_rate_falls_with_the_clock_where_that_is_ahead():
    stage = Stage(size=32, epochs=1, rate=1.0)
    assert learning_rate(stage, 500, 1000) == learning_rate(stage, 500, 1000, clock=0.3)
    assert learning_rate(stage, 500, 1000, clock=0.9) < 0.1 < learning_rate(stage, 500, 1000)
    assert learning_rate(stage, 500, 1000, clock=3) == learning_rate(stage, 500, 1000, clock=1)


def test_average_follows_the_network():
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)
    average = WeightAverage(network, decay=0.5)
    nn.init.ones_(network.weight)
    for _ in range(20):
        average.update(network)
    assert average.model.weight.item() == pytest.approx(1.0, abs=1e-3)


def noise(data: Path, split: str, size: int) -> Dataset:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (12, 1, size, size), dtype=np.uint8)
    return Dataset(images, (np.arange(12) % 3)[:, None], tuple(str(i) for i in range(12)))


def test_a_stopped_run_goes_on(tmp_path: Path):
    family = FAMILIES["knee-acl-vgg16-svc"]
    stages = (Stage(32, 1, 1e-3), Stage(48, 1, 1e-3))
    recipe = replace(family.recipe, stages=stages, batch=6)
    family = replace(family, recipe=recipe, load=noise, build=lambda data: AlexNetSlices(3))
    first = Training(family, tmp_path, tmp_path / "run", resume=False)
    first.run_stage(stages[0])
    resumed = Training(family, tmp_path, tmp_path / "run", resume=True)
    assert (resumed.progress.stage, resumed.progress.epoch, len(resumed.history)) == (0, 1, 1)
    resumed.run()
    assert [row["size"] for row in resumed.history] == [32, 48]
    best = torch.load(tmp_path / "run" / "best.pt", weights_only=True)
    assert all(torch.isfinite(value).all() for value in best.values())


def test_a_stage_ends_with_its_time(tmp_path: Path):
    family = FAMILIES["knee-acl-vgg16-svc"]
    recipe = replace(family.recipe, stages=(Stage(32, 50, 1e-3),), batch=6)
    family = replace(family, recipe=recipe, load=noise, build=lambda data: AlexNetSlices(3))
    training = Training(family, tmp_path, tmp_path / "run", resume=False, minutes=1e-6)
    training.run()
    assert len(training.history) == 1
    assert (tmp_path / "run" / "best.pt").exists()
