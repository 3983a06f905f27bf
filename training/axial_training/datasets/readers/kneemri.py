"""KneeMRI (Štajduhar et al. 2017, Clinical Hospital Centre Rijeka).

`metadata.csv` beside folders of pickled 12-bit volumes [slices, height, width]; columns examId, seriesNo, aclDiagnosis
(0 healthy, 1 partially injured, 2 completely ruptured), kneeLR, roiX, roiY, roiZ, roiHeight, roiWidth, roiDepth,
volumeFilename.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from axial_training.datasets.restricted_unpickler import read_pickled_array

DIAGNOSES = ("healthy", "partial", "complete")
BITS = 12


@dataclass(frozen=True)
class KneeVolume:
    """One exam's sagittal series. The group is the exam: a patient may have several, which the set does not tell."""

    exam: str
    diagnosis: str
    left: bool
    region: tuple[slice, slice, slice]  # slices, rows, columns
    path: Path

    def read(self) -> np.ndarray:
        """uint16 [slices, height, width]."""
        volume = read_pickled_array(self.path)
        if volume.ndim != 3 or volume.min() < 0 or volume.max() >= 1 << BITS:
            raise ValueError(f"{self.path.name} is not a volume of {BITS}-bit values")
        return volume.astype(np.uint16)

    def read_region(self) -> np.ndarray:
        """The region of interest around the ligament."""
        return self.read()[self.region]


def read_kneemri(folder: Path) -> list[KneeVolume]:
    """All volumes that `metadata.csv` names; each must lie somewhere under `folder`."""
    files = {path.name: path for path in sorted(folder.rglob("*.pck"))}
    with (folder / "metadata.csv").open(newline="", encoding="utf-8-sig") as stream:
        return [volume_of(row, files) for row in csv.DictReader(stream)]


def volume_of(row: dict[str, str], files: dict[str, Path]) -> KneeVolume:
    """One row of the table."""
    name = row["volumeFilename"]
    if name not in files:
        raise FileNotFoundError(f"metadata.csv names {name}, which is missing")
    return KneeVolume(
        exam=row["examId"],
        diagnosis=DIAGNOSES[int(row["aclDiagnosis"])],
        left=row["kneeLR"] == "0",
        region=(
            extent(row["roiZ"], row["roiDepth"]),
            extent(row["roiY"], row["roiHeight"]),
            extent(row["roiX"], row["roiWidth"]),
        ),
        path=files[name],
    )


def extent(start: str, length: str) -> slice:
    """Start and length as a slice."""
    return slice(int(start), int(start) + int(length))
