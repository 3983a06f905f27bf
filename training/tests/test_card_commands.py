"""The command in every card repeats the training that the card describes."""

import re
import shlex
from argparse import Namespace
from pathlib import Path

import pytest

from axial_training.command_line import build_parser, command_of
from axial_training.evaluation.card_commands import commands_section
from axial_training.evaluation.measured import Measured
from axial_training.families.registry import FAMILIES
from axial_training.families.stages import stages_of, with_stages
from axial_training.learning.run_commands import RunCommand, epochs_of_stages, note_command, read_commands

CARDS = sorted((Path(__file__).parents[2] / "models").glob("*/*/CARD.md"))
FAMILY = FAMILIES["brain-tumour-mobilenetv2"]
HISTORY = [{"epoch": str(epoch)} for epoch in (*range(29), *range(8))]


def measured(*commands: RunCommand) -> Measured:
    return Measured([], None, 0, None, {}, history=HISTORY, commands=list(commands))


def command_in(text: str) -> Namespace:
    """The one indented command of a card, parsed as the command line would."""
    (line,) = re.findall(r"^ {4}python -m axial_training (.*)$", text, re.MULTILINE)
    return build_parser().parse_args(shlex.split(line))


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.parent.parent.name)
def test_the_command_of_a_card_runs_the_epochs_of_the_card(card: Path):
    text = card.read_text()
    options = command_in(text)
    assert (options.family, options.out) == (card.parent.parent.name, Path("models", *card.parent.parts[-2:]))
    if "**The weights are those of" in text:
        assert options.unpack
        return
    family = with_stages(FAMILIES[options.family], epochs=options.epochs)
    (ran,) = re.findall(r"^Epochs run: (.*?)\. Batch", text, re.MULTILINE)
    sizes = {int(size): int(count) for count, size in re.findall(r"(\d+) at (\d+) px", ran)}
    planned = dict.fromkeys(sizes, 0)
    for stage in stages_of(family):
        planned[stage.size] += stage.epochs
    assert planned == sizes


def test_a_training_by_the_clock_that_was_resumed_is_repeated_by_its_epochs():
    resumed = measured(RunCommand(minutes=32), RunCommand(minutes=26, epochs_before=28))
    text = commands_section("brain-tumour-mobilenetv2", "1.2.0", resumed)
    options = command_in(text)
    assert (options.epochs, options.minutes, options.resume) == ([29, 8], float("inf"), False)
    assert "`--minutes 32`, from epoch 28 on `--resume --minutes 26`" in text


def test_start_and_rate_are_in_the_command():
    begun = measured(RunCommand(start="PATH/a/1", rate=2e-4, epochs=(8,)))
    options = command_in(commands_section("knee-oa-kl-cnn", "1.2.0", begun))
    assert (options.start, options.rate, options.epochs) == (Path("PATH/a/1"), 2e-4, [8])


def test_a_recipe_that_ran_as_it_is_needs_no_options():
    assert commands_section("a", "1.0.0", measured(RunCommand())) == (
        "    python -m axial_training train a --data DIR --out models/a/1.0.0"
    )


def test_commands_are_kept_beside_the_weights(tmp_path: Path):
    first, second = RunCommand(minutes=32.0), RunCommand(minutes=26.0, epochs=(3, 4))
    note_command(tmp_path, FAMILY, first, resume=False)
    (tmp_path / "history.csv").write_text("stage,epoch\n0,0\n0,1\n")
    note_command(tmp_path, FAMILY, second, resume=True)
    assert read_commands(tmp_path) == [first, RunCommand(minutes=26.0, epochs=(3, 4), epochs_before=2)]
    note_command(tmp_path, FAMILY, first, resume=False)
    assert read_commands(tmp_path) == [first]


def test_what_was_typed_is_what_is_noted():
    typed = "train knee-oa-kl-cnn --data D --out O --start models/knee-oa-kl-cnn/1.1.0 --epochs 8 --rate 2e-4 --minutes 12"
    assert command_of(build_parser().parse_args(typed.split())) == RunCommand(
        start="PATH/knee-oa-kl-cnn/1.1.0", rate=2e-4, epochs=(8,), minutes=12.0
    )


def test_stages_are_told_apart_by_their_first_epoch():
    assert epochs_of_stages(HISTORY) == [29, 8]
