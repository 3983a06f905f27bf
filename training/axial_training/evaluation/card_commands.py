"""The command in a card that repeats the training, and how it was run."""

from axial_training.evaluation.measured import Measured
from axial_training.learning.run_commands import RunCommand, epochs_of_stages

PROGRAM = "python -m axial_training"


def commands_section(family_id: str, version: str, measured: Measured) -> str:
    """The command, indented, and what differed from it where the training followed the clock or was resumed."""
    commands = measured.commands or [RunCommand()]
    out = f"--data DIR --out models/{family_id}/{version}"
    line = f"    {PROGRAM} train {family_id} {out}{options_of(commands, measured)}"
    told = how_it_ran(commands)
    return f"{line}\n\n{told}" if told else line


def options_of(commands: list[RunCommand], measured: Measured) -> str:
    """Options that hold on any machine: with a clock or a pause the epochs that each stage had."""
    last = commands[-1]
    epochs = epochs_of_stages(measured.history) if follows_the_clock(commands) else last.epochs
    given = {
        "--layout": last.layout,
        "--start": commands[0].start,
        "--rate": "" if last.rate is None else f"{last.rate:g}",
        "--epochs": " ".join(str(count) for count in epochs or ()),
    }
    return "".join(f" {name} {value}" for name, value in given.items() if value)


def follows_the_clock(commands: list[RunCommand]) -> bool:
    """Whether the recipe alone does not say how many epochs there were."""
    return len(commands) > 1 or commands[0].minutes is not None


def how_it_ran(commands: list[RunCommand]) -> str:
    """In words; empty where the command above is the one that ran."""
    if not follows_the_clock(commands):
        return ""
    parts = [f"`{part_of(command, index > 0)}`" for index, command in enumerate(commands)]
    places = [f", from epoch {command.epochs_before} on " for command in commands[1:]]
    ran = parts[0] + "".join(place + part for place, part in zip(places, parts[1:], strict=True))
    pause = " Where a run is resumed the optimiser's moments and the copies that it keeps start afresh." if places else ""
    clock = ""
    if any(command.minutes is not None for command in commands):
        clock = (
            " The learning rate then falls with the clock, so how many epochs fit depends on the machine; the command above "
            "runs as many by their number. Expect the figures within their interval, not to the digit."
        )
    return f"Here it ran with {ran}.{clock}{pause}"


def part_of(command: RunCommand, resumed: bool) -> str:
    """The options that the command in the card has not."""
    limits = [] if command.minutes is None else [f"--minutes {command.minutes:g}"]
    return " ".join((["--resume"] if resumed else []) + limits) or "no limit"
