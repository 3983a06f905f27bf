"""Image folders with a `manifest.csv` (columns: `file`, label columns, optionally `group`)."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Example:
    """One labelled image. Examples of one group are near-duplicates and stay on one side of a split."""

    file: str
    label: str
    group: str


def read_manifest(folder: Path, label_columns: list[str]) -> list[Example]:
    """The examples in the manifest's order; the label joins the label columns with a hyphen.

    Without a `group` column each file is its own group.
    """
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        return [
            Example(
                file=row["file"],
                label="-".join(row[column] for column in label_columns),
                group=row.get("group") or row["file"],
            )
            for row in csv.DictReader(stream)
        ]


def read_grey(path: Path) -> np.ndarray:
    """Decode an image to uint8 [H, W]."""
    with Image.open(path) as image:
        return np.asarray(image.convert("L"))
