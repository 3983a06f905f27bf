"""Where an ACL model's maps lie in real knees with the tear outlined (`knee-mri-acl-tear`: NNN.jpg, NNN.mask.png)."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from axial_training.datasets.image_folder import read_grey
from axial_training.evaluation.explanation import enlarge
from axial_training.package.golden import cpu_session
from axial_training.preprocessing.intensity import stretch_percentiles
from axial_training.preprocessing.letterbox import letterbox

FOLDER = "knee-mri-acl-tear"


@dataclass(frozen=True)
class TearFigures:
    """Means over the images."""

    images: int
    heat_inside: float  # share of the winner's positive heat that lies inside the outline
    outline: float  # share of the picture that the outline covers: what heat spread evenly would have
    hottest_inside: float  # share of images whose hottest point lies inside
    marked: float  # share of images that the domain check marks


def measure_tears(package: Path, data: Path) -> TearFigures:
    """Of every image with an outline."""
    manifest = json.loads((package / "model.json").read_text())
    size, intensity = manifest["input"]["height"], manifest["preprocessing"]["intensity"]
    session = cpu_session(package / manifest["weights"]["file"])
    outputs = [manifest["heads"][0]["output"], manifest["explanation"]["output"], manifest["domain"]["output"]]
    rows = []
    for path in sorted((data / FOLDER).glob("???.jpg")):
        outline = letterbox((read_grey(path.with_suffix(".mask.png")) > 127).astype(np.uint8) * 255, size) > 127
        image = letterbox(stretch_percentiles(read_grey(path), intensity["low"], intensity["high"]), size)
        probabilities, maps, distance = session.run(outputs, {manifest["input"]["name"]: image[None, None]})
        heat = np.clip(enlarge(maps[:, probabilities[0].argmax()], size)[0], 0, None)
        inside = heat[outline].sum() / max(heat.sum(), 1e-9)
        rows.append((inside, outline.mean(), outline.flat[heat.argmax()], distance[0] > manifest["domain"]["threshold"]))
    return TearFigures(len(rows), *(float(column) for column in np.mean(np.array(rows, float), axis=0)))
