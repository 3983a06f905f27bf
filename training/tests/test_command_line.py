"""Options of the commands."""

import pytest

from axial_training.command_line import build_parser
from axial_training.families.registry import FAMILIES
from axial_training.families.stages import with_stages


def test_options_replace_what_a_recipe_says_of_its_stages():
    family = with_stages(FAMILIES["brain-tumour-mobilenetv2"], epochs=[3])
    assert [stage.epochs for stage in family.recipe.stages] == [3, 3]
    assert [stage.rate for stage in family.recipe.stages] == [
        stage.rate for stage in FAMILIES["brain-tumour-mobilenetv2"].recipe.stages
    ]


def test_members_of_an_ensemble_follow_the_options_too():
    family = with_stages(FAMILIES["knee-oa-kl-cnn"], epochs=[2], rate=1e-4)
    assert [(stage.epochs, stage.rate) for member in family.members for stage in member.recipe.stages] == [(2, 1e-4)] * 2


def test_each_stage_can_have_epochs_of_its_own():
    family = with_stages(FAMILIES["brain-tumour-mobilenetv2"], epochs=[29, 8])
    assert [stage.epochs for stage in family.recipe.stages] == [29, 8]
    knee = with_stages(FAMILIES["knee-oa-kl-cnn"], epochs=[24, 20])
    assert [stage.epochs for member in knee.members for stage in member.recipe.stages] == [24, 20]
    with pytest.raises(SystemExit, match="has 2 stages"):
        with_stages(knee, epochs=[1, 2, 3])


@pytest.mark.parametrize("command", ["agreement", "domain", "seeds"])
def test_brain_packages_have_the_command(command: str):
    options = [command, "brain-tumour-baseline", "--data", "DIR"]
    package = [] if command == "seeds" else ["--package", "models/brain-tumour-baseline/1.0.0"]
    assert build_parser().parse_args([*options, *package]).family == "brain-tumour-baseline"
