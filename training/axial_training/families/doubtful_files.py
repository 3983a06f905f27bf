"""The list of images whose labels are doubtful, as `doubt` writes it."""

import csv
from pathlib import Path


def doubtful_files(path: Path) -> set[str]:
    """The files listed; none where there is no list."""
    if not path.exists():
        return set()
    with path.open(newline="", encoding="utf-8") as stream:
        return {row["file"] for row in csv.DictReader(stream)}
