"""The stages of a family, and the same family with others."""

from dataclasses import replace

from axial_training.families.family import Family, Stage


def with_stages(family: Family, epochs: list[int] | None = None, rate: float | None = None) -> Family:
    """The family with other epochs of each stage (one number: of every one) and another peak rate; None leaves them as they
    are. An ensemble's stages are its members', one after the other."""
    numbers = epochs or [stage.epochs for stage in stages_of(family)]
    if len(numbers) not in (1, len(stages_of(family))):
        raise SystemExit(f"{family.id} has {len(stages_of(family))} stages: give --epochs one number, or one for each")
    left = numbers * len(stages_of(family)) if len(numbers) == 1 else list(numbers)
    members = []
    for member in family.members:
        count = len(member.recipe.stages)
        members.append(with_stages(member, left[:count], rate))
        left = left[count:]
    if members:
        return replace(family, recipe=members[-1].recipe, members=tuple(members))
    stages = tuple(
        replace(stage, epochs=count, rate=rate or stage.rate)
        for stage, count in zip(family.recipe.stages, left, strict=True)
    )
    return replace(family, recipe=replace(family.recipe, stages=stages))


def stages_of(family: Family) -> list[Stage]:
    """The stages in the order in which they are trained."""
    return [stage for one in family.members or (family,) for stage in one.recipe.stages]
