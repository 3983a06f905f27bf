"""Intervals over groups, thresholds for no answer, calibration and the ordinal readout."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from axial_training.evaluation.abstention import Abstention, abstention, entropies, margins, set_thresholds
from axial_training.evaluation.abstention_rules import abstention_entries, thresholds_of, write_thresholds
from axial_training.evaluation.by_group import group_figures
from axial_training.evaluation.calibration import (
    chance_calibration_error,
    expected_calibration_error,
    fit_biases,
    fit_calibration,
    fit_temperature,
)
from axial_training.evaluation.ordinal_readout import OrdinalReadout, fit_readout
from axial_training.evaluation.scores import accuracy
from axial_training.families.family import Head, Label
from axial_training.families.registry import FAMILIES


def test_a_group_of_copies_has_one_vote_and_a_wide_interval():
    groups = ("copied",) * 50 + tuple(f"single-{i}" for i in range(50))
    truth = np.zeros(100, int)
    predicted = np.repeat([1, 0], 50)
    figures = group_figures(groups, truth, predicted, accuracy, seed=1)
    assert figures.groups == 51
    assert figures.per_group == pytest.approx(50 / 51)
    assert figures.single == (50, 1.0) and figures.several == (50, 0.0)
    assert figures.low < 0.4 and figures.high == 1.0
    apart = group_figures(tuple(map(str, range(100))), truth, predicted, accuracy, seed=1)
    assert apart.high - apart.low < 0.25


def made_up(count: int, sharpness: float, seed: int) -> tuple[torch.Tensor, np.ndarray]:
    """Logits whose labels are drawn from their own softmax, then sharpened."""
    random = np.random.default_rng(seed)
    logits = torch.from_numpy(random.normal(0, 2, (count, 4)))
    labels = torch.multinomial(torch.softmax(logits, 1), 1, generator=torch.Generator().manual_seed(seed))
    return logits * sharpness, labels.numpy()


def test_temperature_makes_an_oversure_model_calibrated():
    head = Head("h", "probabilities", tuple(Label(str(i), str(i)) for i in range(4)))
    logits, labels = made_up(3000, 2.5, 1)
    temperature = fit_temperature(logits, labels, (head,))
    assert temperature == pytest.approx(2.5, rel=0.1)
    fresh, truth = made_up(3000, 2.5, 2)
    before = expected_calibration_error(torch.softmax(fresh, 1).numpy(), truth[:, 0])
    after = expected_calibration_error(torch.softmax(fresh / temperature, 1).numpy(), truth[:, 0])
    assert before > 0.1 and after < 0.03


def test_biases_take_back_what_class_weights_did():
    logits, labels = made_up(3000, 1.5, 6)
    shift = torch.tensor([1.5, -0.5, -1.0, 0.0], dtype=torch.float64)
    temperature, biases = fit_biases(logits + shift * 1.5, labels[:, 0], 1.0)
    assert temperature == pytest.approx(1.5, rel=0.1)
    np.testing.assert_allclose(biases, -shift, atol=0.2)


def test_a_head_that_is_always_right_does_not_become_certain():
    labels = np.arange(90) % 3
    temperature, _ = fit_biases(torch.eye(3)[labels], labels, 0.5)
    assert temperature == pytest.approx(0.1)


def test_each_head_is_calibrated_for_itself():
    labels = tuple(Label(str(i), str(i)) for i in range(4))
    heads = (Head("a", "a", labels), Head("b", "b", labels))
    (sharp, first), (shifted, second) = made_up(3000, 3, 7), made_up(3000, 0.3, 8)
    logits = torch.cat([sharp, shifted + torch.tensor([0.5, 0, -0.5, 0])], 1)
    truth = np.concatenate([first, second], 1)
    found = fit_calibration(logits, truth, heads, biased=True)
    for column, part in enumerate(logits.split(4, 1)):
        probabilities = torch.softmax(found.of(column, part), 1).numpy()
        assert expected_calibration_error(probabilities, truth[:, column]) < 0.03
    together = fit_calibration(logits, truth, heads, biased=False)
    assert len(set(together.temperatures)) == 1 and not together.biases


def test_few_images_have_a_calibration_error_by_chance():
    logits, labels = made_up(4000, 1, 5)
    found = torch.softmax(logits, 1).numpy()
    few, many = (chance_calibration_error(found[:count], seed=1) for count in (300, 4000))
    assert 0.03 < few < 0.06 and many < 0.02
    assert expected_calibration_error(found, labels[:, 0]) == pytest.approx(many, abs=0.01)


def test_thresholds_keep_back_what_is_wrong():
    logits, labels = made_up(4000, 1, 3)
    found = torch.softmax(logits, 1).numpy()
    figures = abstention(found[:2000], labels[:2000, 0], found[2000:], labels[2000:, 0])
    assert figures.kept_back <= 0.3
    assert figures.right_given > (found[2000:].argmax(1) == labels[2000:, 0]).mean() > figures.right_kept_back


def test_rules_of_a_head_say_what_they_keep_back():
    head = Head("h", "probabilities", tuple(Label(str(i), str(i)) for i in range(4)))
    logits, labels = made_up(4000, 1, 3)
    found = torch.softmax(logits, 1).numpy()
    thresholds = thresholds_of((head,), ([found[:2000]], labels[:2000]), ([found[2000:]], labels[2000:]))
    (entry,) = abstention_entries((head,), thresholds, 2000)
    assert (entry["distribution"], entry["minimumMargin"]) == ("h", thresholds["h"].minimum_margin)
    assert 0 < entry["minimumMargin"] < 1 and 0 < entry["maximumEntropy"] <= 1
    assert f"{thresholds['h'].kept_back:.1%} of 2000 test examples are kept back" in entry["measuredOn"]


def test_thresholds_are_written_over_earlier_ones(tmp_path: Path):
    family = FAMILIES["knee-oa-kl-cnn"]
    (tmp_path / "model.json").write_text('{"id": "knee", "abstention": []}')
    (tmp_path / "CARD.md").write_text("# knee\n\n## Calibration\n\nText.\n\n## Explanation\n\nText.\n")
    for kept_back in (0.1, 0.2):
        rule = Abstention(0.14, 0.77, kept_back, 0.7, 0.5)
        write_thresholds(tmp_path, family, {"kellgren-lawrence": rule}, 300)
    (entry,) = json.loads((tmp_path / "model.json").read_text())["abstention"]
    assert entry["minimumMargin"] == 0.14 and "20.0% of 300" in entry["measuredOn"]
    card = (tmp_path / "CARD.md").read_text()
    assert [line for line in card.splitlines() if line.startswith("## ")] == [
        "## Calibration",
        '## When to say "indeterminate"',
        "## Explanation",
    ]
    assert "| kellgren-lawrence | 0.14 | 0.77 | 20.0% | 0.700 | 0.500 |" in card


def test_a_mean_over_slices_has_a_rule_of_its_own(tmp_path: Path):
    (tmp_path / "model.json").write_text('{"id": "brain"}')
    (tmp_path / "CARD.md").write_text("# brain\n")
    rule = Abstention(0.9, 0.17, 0.17, 0.97, 0.8)
    write_thresholds(tmp_path, FAMILIES["brain-tumour-baseline"], {"tumour": rule}, 400)
    assert "abstention" not in json.loads((tmp_path / "model.json").read_text())
    assert "has a rule of its own" in (tmp_path / "CARD.md").read_text()


def test_no_answer_is_kept_back_where_all_are_right():
    found = np.tile([0.9, 0.05, 0.05], (50, 1))
    margin, entropy = set_thresholds(found, np.zeros(50, int))
    assert margin == 0 and entropy >= entropies(found)[0]
    extremes = np.array([[0.25] * 4, [1, 0, 0, 0]])
    assert margins(extremes).tolist() == [0, 1]
    np.testing.assert_allclose(entropies(extremes), [1, 0], atol=1e-6)


def test_the_readout_answers_with_the_rounded_expectation():
    probabilities = torch.tensor([[0.40, 0.10, 0.15, 0.35, 0.0], [0.0, 0.0, 0.05, 0.9, 0.05]])
    readout = OrdinalReadout(floor=0.02, share=0.01)
    spread, read = readout.spread(probabilities), readout(probabilities)
    expected = (probabilities * torch.arange(5)).sum(1).round()
    assert spread.argmax(1).tolist() == expected.int().tolist() == [1, 3]
    torch.testing.assert_close(spread.sum(1), torch.ones(2))
    torch.testing.assert_close(read.sum(1), torch.ones(2))
    assert read[0, 0] < read[0, 1:3].max() and read[1].argmax() == 3


def test_the_readout_is_as_sure_as_it_is_right():
    random = np.random.default_rng(4)
    centre = random.uniform(0, 4, 800)
    spread = np.exp(-((np.arange(5) - centre[:, None]) ** 2))
    probabilities = torch.from_numpy(spread / spread.sum(1, keepdims=True))
    labels = np.clip(np.rint(centre + random.normal(0, 0.2, 800)), 0, 4).astype(int)
    read = fit_readout(probabilities, labels)(probabilities)
    assert float(read.amax(1).mean()) == pytest.approx((read.argmax(1).numpy() == labels).mean(), abs=0.01)
