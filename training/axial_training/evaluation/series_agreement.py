"""What the abstention rule does to series: to pseudo-series of held-out slices, as the data hold no labelled series."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from axial_training.datasets.image_folder import read_grey
from axial_training.evaluation.abstention import margins, share
from axial_training.package.golden import cpu_session
from axial_training.preprocessing.letterbox import letterbox

SLICES = 16  # of a series that the package shows its model
SERIES = 400  # pseudo-series for each share
SHARES = (1.0, 0.75, 0.5, 0.25)  # of the slices that show the tumour; the others are of heads without one
BATCH = 32
SEED = 20261128
HEALTHY = "none"


@dataclass(frozen=True)
class SeriesFigures:
    """Of pseudo-series in which `tumour_share` of the slices shows the tumour. Agreement: the share of slices that vote as
    the series' mean does; quantiles over the series."""

    tumour_share: float
    agreement_p05: float
    agreement_median: float
    right: float
    kept_back_by_agreement: float
    kept_back: float  # by agreement or margin
    right_given: float
    right_kept_back: float


def measure_series(package: Path, folder: Path, split: Path) -> list[SeriesFigures]:
    """The figures of a package's rule over the test slices of `split`, by the share of slices with a tumour."""
    manifest = json.loads((package / "model.json").read_text())
    rule = next(one for one in manifest["abstention"] if one["distribution"] == "tumour")
    with split.open(newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["split"] == "test"]
    probabilities, names = tumour_probabilities(package, manifest, [folder / row["file"] for row in rows])
    truth = np.array([row["label"] for row in rows])
    random = np.random.default_rng(SEED)
    return [figures_of(random, (probabilities, names, truth), part, rule) for part in SHARES]


def tumour_probabilities(package: Path, manifest: dict, files: list[Path]) -> tuple[np.ndarray, list[str]]:
    """[N, tumours] of each image by itself, and the tumours' names."""
    session = cpu_session(package / manifest["weights"]["file"])
    size = manifest["input"]["height"]
    images = np.stack([letterbox(read_grey(file), size)[None] for file in files])
    head = manifest["heads"][0]
    rows = [
        session.run([head["output"]], {manifest["input"]["name"]: images[at : at + BATCH]})[0]
        for at in range(0, len(images), BATCH)
    ]
    labels = [label["id"] for label in head["labels"]]
    marginal = next(one for one in head["marginals"] if one["name"] == "tumour")
    members = [[labels.index(name) for name in one["of"]] for one in marginal["labels"]]
    probabilities = np.concatenate(rows)
    return np.stack([probabilities[:, each].sum(1) for each in members], 1), [one["id"] for one in marginal["labels"]]


def figures_of(
    random: np.random.Generator, images: tuple[np.ndarray, list[str], np.ndarray], part: float, rule: dict
) -> SeriesFigures:
    """Of one share. A whole share draws from heads without a tumour too, which are a class like the others."""
    probabilities, names, truth = images
    planes = sorted({label.rsplit("-", 1)[1] for label in truth})
    classes = [(name, plane) for name in names for plane in planes if part == 1 or name != HEALTHY]
    agreement, lead, right = [], [], []
    for index in range(SERIES):
        name, plane = classes[index % len(classes)]
        shown = round(SLICES * part)
        own = random.choice(np.flatnonzero(truth == f"{name}-{plane}"), shown)
        rest = random.choice(np.flatnonzero(truth == f"{HEALTHY}-{plane}"), SLICES - shown)
        slices = probabilities[np.concatenate([own, rest])]
        mean = slices.mean(0)
        agreement.append((slices.argmax(1) == mean.argmax()).mean())
        lead.append(margins(mean[None])[0])
        right.append(names[mean.argmax()] == name)
    votes, correct = np.array(agreement), np.array(right)
    apart = votes < rule["minimumAgreement"]
    kept = apart | (np.array(lead) < rule["minimumMargin"])
    return SeriesFigures(
        tumour_share=part,
        agreement_p05=float(np.quantile(votes, 0.05)),
        agreement_median=float(np.median(votes)),
        right=share(correct),
        kept_back_by_agreement=float(apart.mean()),
        kept_back=float(kept.mean()),
        right_given=share(correct[~kept]),
        right_kept_back=share(correct[kept]),
    )
