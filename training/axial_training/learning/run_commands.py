"""The commands that trained a run, kept beside its weights so that the card can say how to repeat it."""

import csv
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from axial_training.families.family import Family

COMMANDS_FILE = "commands.json"


@dataclass(frozen=True)
class RunCommand:
    """The options of one `train`, None or empty where not given; `epochs_before`: those that the run it resumes had had."""

    start: str = ""
    layout: str = ""
    rate: float | None = None
    epochs: tuple[int, ...] | None = None
    minutes: float | None = None
    epochs_before: int = 0


def note_command(run: Path, family: Family, command: RunCommand, resume: bool) -> None:
    """Write the command down: after those of the run that it resumes, or as the first."""
    run.mkdir(parents=True, exist_ok=True)
    before = read_commands(run) if resume else []
    noted = replace(command, epochs_before=epochs_so_far(run, family) if resume else 0)
    (run / COMMANDS_FILE).write_text(json.dumps([asdict(one) for one in (*before, noted)], indent=1) + "\n")


def read_commands(run: Path) -> list[RunCommand]:
    """The commands of a run in their order; none where it has none."""
    path = run / COMMANDS_FILE
    rows = json.loads(path.read_text()) if path.exists() else []
    return [RunCommand(**row | {"epochs": tuple(row["epochs"]) if row["epochs"] else None}) for row in rows]


def epochs_so_far(run: Path, family: Family) -> int:
    """Epochs that a run has had, its members' together."""
    folders = [run / member.id for member in family.members] or [run]
    return sum(len(read_history(folder / "history.csv")) for folder in folders)


def read_history(path: Path) -> list[dict[str, str]]:
    """One row per epoch; none where there is no file."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def epochs_of_stages(history: list[dict[str, str]]) -> list[int]:
    """Epochs of each stage, the stages of an ensemble's members one after the other."""
    counts: list[int] = []
    for row in history:
        if int(row["epoch"]) == 0:
            counts.append(0)
        counts[-1] += 1
    return counts
