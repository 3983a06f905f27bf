"""MRNet (Bien et al. 2018, Stanford).

`{train,valid}/{axial,coronal,sagittal}/NNNN.npy`, uint8 [slices, 256, 256], and `{train,valid}-{abnormal,acl,meniscus}.csv`
without a header: exam, 0 or 1.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PLANES = ("axial", "coronal", "sagittal")
TASKS = ("abnormal", "acl", "meniscus")


@dataclass(frozen=True)
class KneeExam:
    """One exam: a file per plane, a yes or no per task."""

    exam: str
    labels: dict[str, bool]
    paths: dict[str, Path]

    def read(self, plane: str) -> np.ndarray:
        """uint8 [slices, height, width]; pickled objects in the file are refused."""
        volume = np.load(self.paths[plane], allow_pickle=False)
        if volume.ndim != 3 or volume.dtype != np.uint8:
            raise ValueError(f"{self.paths[plane].name} is not a volume of bytes")
        return volume


def read_mrnet(folder: Path, split: str) -> list[KneeExam]:
    """The exams of "train" or "valid" that every label table names."""
    tables = {task: read_table(folder / f"{split}-{task}.csv") for task in TASKS}
    exams = sorted(set.intersection(*(set(table) for table in tables.values())))
    return [
        KneeExam(
            exam=exam,
            labels={task: table[exam] for task, table in tables.items()},
            paths={plane: existing(folder / split / plane / f"{exam}.npy") for plane in PLANES},
        )
        for exam in exams
    ]


def read_table(path: Path) -> dict[str, bool]:
    """Exam → label."""
    with path.open(newline="", encoding="utf-8-sig") as stream:
        return {row[0].strip(): row[1].strip() == "1" for row in csv.reader(stream) if row}


def existing(path: Path) -> Path:
    """The path, or an error that names it."""
    if not path.exists():
        raise FileNotFoundError(f"{path.parent.name}/{path.name} is missing")
    return path
