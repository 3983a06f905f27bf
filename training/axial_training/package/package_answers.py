"""What a finished package says of image files."""

import json
from pathlib import Path

import numpy as np

from axial_training.datasets.image_folder import read_grey
from axial_training.package.golden import cpu_session
from axial_training.package.manifest import WEIGHTS_FILE
from axial_training.preprocessing.intensity import stretch_percentiles
from axial_training.preprocessing.letterbox import letterbox

BATCH = 32


def answers_of(package: Path, paths: list[Path]) -> np.ndarray:
    """Probabilities [N, labels] of the first head, images prepared as the package says."""
    manifest = json.loads((package / "model.json").read_text())
    size, intensity = manifest["input"]["height"], manifest["preprocessing"]["intensity"]
    session = cpu_session(package / WEIGHTS_FILE)
    parts = []
    for start in range(0, len(paths), BATCH):
        images = [
            letterbox(stretch_percentiles(read_grey(path), intensity["low"], intensity["high"]), size)
            for path in paths[start : start + BATCH]
        ]
        inputs = {manifest["input"]["name"]: np.stack(images)[:, None]}
        parts.append(session.run([manifest["heads"][0]["output"]], inputs)[0])
    return np.concatenate(parts)
