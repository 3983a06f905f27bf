"""Options of the commands."""

import pytest

from axial_training.command_line import build_parser, with_stages
from axial_training.families.registry import FAMILIES


def test_options_replace_what_a_recipe_says_of_its_stages():
    family = with_stages(FAMILIES["brain-tumour-mobilenetv2"], epochs=3, rate=None)
    assert [stage.epochs for stage in family.recipe.stages] == [3, 3]
    assert [stage.rate for stage in family.recipe.stages] == [
        stage.rate for stage in FAMILIES["brain-tumour-mobilenetv2"].recipe.stages
    ]


def test_members_of_an_ensemble_follow_the_options_too():
    family = with_stages(FAMILIES["knee-oa-kl-cnn"], epochs=2, rate=1e-4)
    assert [(stage.epochs, stage.rate) for member in family.members for stage in member.recipe.stages] == [(2, 1e-4)] * 2


@pytest.mark.parametrize("command", ["agreement", "domain", "seeds"])
def test_brain_packages_have_the_command(command: str):
    options = [command, "brain-tumour-baseline", "--data", "DIR"]
    package = [] if command == "seeds" else ["--package", "models/brain-tumour-baseline/1.0.0"]
    assert build_parser().parse_args([*options, *package]).family == "brain-tumour-baseline"
