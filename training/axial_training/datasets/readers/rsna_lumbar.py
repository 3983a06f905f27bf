"""RSNA 2024 Lumbar Spine Degenerative Classification.

`train.csv` (study_id and one column per condition and level: Normal/Mild, Moderate, Severe or empty),
`train_label_coordinates.csv` (study_id, series_id, instance_number, condition, level, x, y),
`train_series_descriptions.csv` (study_id, series_id, series_description) and
`train_images/STUDY/SERIES/INSTANCE.dcm`.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom

GRADES = {"Normal/Mild": "normal", "Moderate": "moderate", "Severe": "severe"}
SITES = {
    "Spinal Canal Stenosis": "canal",
    "Left Neural Foraminal Narrowing": "foraminal-left",
    "Right Neural Foraminal Narrowing": "foraminal-right",
    "Left Subarticular Stenosis": "subarticular-left",
    "Right Subarticular Stenosis": "subarticular-right",
}


@dataclass(frozen=True)
class Mark:
    """A point at which a site was graded, in pixels of one instance."""

    series: str
    instance: int
    site: str
    level: str
    x: float
    y: float


@dataclass(frozen=True)
class LumbarStudy:
    """One study. Split by study, never by series or slice."""

    study: str
    grades: dict[tuple[str, str], str]  # (site, level such as "L4/L5") → grade; ungraded ones are left out
    marks: tuple[Mark, ...]
    series: dict[str, str]  # series → description, such as "Axial T2"
    folder: Path

    def read_instance(self, series: str, instance: int) -> np.ndarray:
        """Pixel values of one instance [height, width], modality units as stored."""
        return pydicom.dcmread(self.folder / series / f"{instance}.dcm").pixel_array

    def axial_t2(self) -> list[str]:
        """The series whose description says axial T2."""
        return [series for series, words in self.series.items() if words.lower() == "axial t2"]


def read_rsna_lumbar(folder: Path) -> list[LumbarStudy]:
    """All studies of `train.csv`."""
    marks, series = defaultdict(list), defaultdict(dict)
    for row in rows(folder / "train_label_coordinates.csv"):
        marks[row["study_id"]].append(mark_of(row))
    for row in rows(folder / "train_series_descriptions.csv"):
        series[row["study_id"]][row["series_id"]] = row["series_description"]
    return [
        LumbarStudy(
            study=row["study_id"],
            grades=grades_of(row),
            marks=tuple(marks[row["study_id"]]),
            series=series[row["study_id"]],
            folder=folder / "train_images" / row["study_id"],
        )
        for row in rows(folder / "train.csv")
    ]


def rows(path: Path) -> list[dict[str, str]]:
    """A table's rows."""
    with path.open(newline="", encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


def mark_of(row: dict[str, str]) -> Mark:
    """One row of the coordinates."""
    return Mark(
        series=row["series_id"],
        instance=int(row["instance_number"]),
        site=SITES[row["condition"]],
        level=row["level"],
        x=float(row["x"]),
        y=float(row["y"]),
    )


def grades_of(row: dict[str, str]) -> dict[tuple[str, str], str]:
    """Columns such as `left_subarticular_stenosis_l4_l5`."""
    grades = {}
    for column, value in row.items():
        if column != "study_id" and value:
            condition, upper, lower = column.rsplit("_", 2)
            site = SITES[condition.replace("_", " ").title()]
            grades[(site, f"{upper}/{lower}".upper())] = GRADES[value]
    return grades
