"""The list of images whose labels are doubtful, as `doubt` writes it."""

import csv
from itertools import groupby
from pathlib import Path


def doubtful_files(path: Path) -> set[str]:
    """The files listed; none where there is no list."""
    if not path.exists():
        return set()
    with path.open(newline="", encoding="utf-8") as stream:
        return {row["file"] for row in csv.DictReader(stream)}


def doubtful_phrase(path: Path) -> str:
    """The files by the folder that they lie in, as "glioma-coronal 0010; glioma-sagittal 0123, 0126"."""
    files = [Path(file) for file in sorted(doubtful_files(path))]
    parts = groupby(files, key=lambda file: file.parent.name)
    return "; ".join(f"{folder} {', '.join(file.stem for file in members)}" for folder, members in parts)
