"""Fitting a family: one network, or the members of an ensemble one after the other."""

import csv
import math
from pathlib import Path

import torch

from axial_training.families.family import Family
from axial_training.learning.loop import HISTORY_COLUMNS, Training


def fit(family: Family, data: Path, run: Path, resume: bool, minutes: float = math.inf) -> None:
    """Train, so that `run` holds best.pt and history.csv; each member has a folder in it. No stage takes longer than
    `minutes`."""
    if not family.members:
        Training(family, data, run, resume, minutes).run()
        return
    for member in family.members:
        Training(member, data, run / member.id, resume, minutes).run()
    join_members(family, data, run)


def join_members(family: Family, data: Path, run: Path) -> None:
    """Write the ensemble's best.pt from its members' and their histories one below the other."""
    ensemble = family.build(data)
    rows: list[dict[str, str]] = []
    for network, member in zip(ensemble.members, family.members, strict=True):
        folder = run / member.id
        network.load_state_dict(torch.load(folder / "best.pt", map_location="cpu", weights_only=True))
        with (folder / "history.csv").open(newline="", encoding="utf-8") as stream:
            rows += csv.DictReader(stream)
    torch.save(ensemble.state_dict(), run / "best.pt")
    with (run / "history.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, HISTORY_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
