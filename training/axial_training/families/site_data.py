"""The phantom families on a site's own copy of the data that the field publishes: `research` instead of `synthetic`.

KneeMRI, MRNet and RSNA 2024 lumbar, each in the layout in which it is handed out. Exams (studies) are split, never slices.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from torch import nn

from axial_training.architectures.plain_cnn import AlexNetSlices, SeriesNetwork
from axial_training.datasets.image_folder import Example
from axial_training.datasets.readers.kneemri import read_kneemri
from axial_training.datasets.readers.mrnet import read_mrnet
from axial_training.datasets.readers.rsna_lumbar import LumbarStudy, read_rsna_lumbar
from axial_training.datasets.splits import split_by_group
from axial_training.families import knee_acl, lumbar_stenosis
from axial_training.families.family import CardText, Dataset, Family, Head, Label
from axial_training.package.unpack_weights import NETWORK, unpacked
from axial_training.preprocessing.intensity import stretch_percentiles
from axial_training.preprocessing.letterbox import letterbox

SEED = 20261120
SLICES_OF_AN_EXAM = 3  # the central ones of the ligament's region, each an example
LOW_PERCENTILE, HIGH_PERCENTILE = 0.5, 99.5
INJURED = Label("injured", "Injured ACL")


@dataclass(frozen=True)
class Item:
    """One example: its exam, its label per head, and how to read its slices [slices, height, width]."""

    name: str
    exam: str
    labels: tuple[int, ...]
    read: Callable[[], np.ndarray]


@dataclass(frozen=True)
class Layout:
    """A published layout: what it is called in cards, and its examples for a family."""

    title: str
    items: Callable[[Path, Family], list[Item]]
    heads: Callable[[Family], tuple[Head, ...]]


def site_family(family: Family, layout: str, start: Path | None) -> Family:
    """The family on a site's data; `start` is a package of the family whose weights it starts from, where shapes fit."""
    found = LAYOUTS[layout]
    heads = found.heads(family)
    load = cache(lambda data, split, size: load_split(found.items(data, family), split, size))
    return replace(
        family,
        heads=heads,
        load=load,
        build=lambda data: started(new_network(family, heads), start),
        manifest=lambda: family.manifest() | manifest_of(family, found),
        card=card_of(family, found, start),
        finish=finishing(family, load),
        consistency=lambda probabilities: "",
    )


def finishing(family: Family, load: knee_acl.Loader) -> Callable[[nn.Module, Path], None]:
    """What follows the last epoch, on the site's images."""
    if family.id != knee_acl.VGG16_SVC.id:
        return family.finish
    return lambda network, data: knee_acl.fit_support_vectors(network, data, load)


def new_network(family: Family, heads: tuple[Head, ...]) -> nn.Module:
    """The family's network with as many answers as the heads have."""
    labels = sum(len(head.labels) for head in heads)
    if family.id == knee_acl.MRNET.id:
        return SeriesNetwork(AlexNetSlices(labels + SeriesNetwork.hidden))
    return NETWORKS[family.id](labels)


NETWORKS: dict[str, Callable[[int], nn.Module]] = {
    knee_acl.MOBILENET.id: knee_acl.MobileNetV2,
    knee_acl.VGG16_SVC.id: knee_acl.Vgg16,
    lumbar_stenosis.FAMILY.id: lumbar_stenosis.LumbarCnn,
}


def started(network: nn.Module, start: Path | None) -> nn.Module:
    """The network with a package's weights wherever name and shape are the same."""
    if start is None:
        return network
    own = network.state_dict()
    stored = unpacked(start / "weights.onnx", NETWORK)
    # A series network is exported as its slice network.
    stored |= {f"slice_network.{name}": values for name, values in stored.items()}
    fitting = {name: values for name, values in stored.items() if name in own and own[name].shape == values.shape}
    network.load_state_dict(fitting, strict=False)
    return network


def manifest_of(family: Family, layout: Layout) -> dict:
    """Evidence and intended use of a package from real data."""
    return {
        "evidence": "research",
        "intendedUse": f"Research. Trained on {layout.title} at the site that made this package. Not for diagnosis.",
    }


def card_of(family: Family, layout: Layout, start: Path | None) -> CardText:
    """The family's words with those about phantoms replaced."""
    begun = f"Start: the weights of {start.parent.name} {start.name}. " if start else "From random weights. "
    return replace(
        family.card,
        data=(
            f"{layout.title}, the site's own copy. Exams are on one side of the split only: 70 % training, 15 % validation, "
            "15 % test, drawn with a seed and stratified by label. Where the set does not tell that two exams are of one "
            "patient, they may be on both sides."
        ),
        test_data=f"{layout.title}, test split by exam",
        test_note="Measured on the exported graph. The test split was not used for training, selection or calibration.",
        training=begun + family.card.training,
        failures="- One collection: expect lower figures elsewhere. Other injuries are forced into the labels.",
        explanation=family.card.explanation.partition(knee_acl.IN_REAL_TEARS)[0],
        data_licence=f"The terms under which the site has {layout.title}. Research only.",
        hardware="the site's machine",
    )


def load_split(items: list[Item], split: str, size: int) -> Dataset:
    """One split, by exam, stratified by the first head's label."""
    examples = [Example(item.name, str(item.labels[0]), item.exam) for item in items]
    sides = split_by_group(examples, SEED)
    chosen = [item for item in items if sides[item.name] == split]
    if not chosen:
        raise ValueError(f"no exam is left for {split}: {len({item.exam for item in items})} exams are too few")
    return Dataset(
        images=np.stack([shown(item.read(), size) for item in chosen]),
        labels=np.array([item.labels for item in chosen]),
        names=tuple(item.name for item in chosen),
        groups=tuple(item.exam for item in chosen),
    )


def shown(slices: np.ndarray, size: int) -> np.ndarray:
    """[slices, H, W] → uint8 [slices, size, size], as the engine shows them to the model."""
    return np.stack([letterbox(stretch_percentiles(image, LOW_PERCENTILE, HIGH_PERCENTILE), size) for image in slices])


def kneemri_items(folder: Path, family: Family) -> list[Item]:
    """Single slices of the ligament's region, or a few of them as one series."""
    items = []
    for volume in read_kneemri(folder):
        region = volume.region[0]
        label = (knee_acl.THREE.index(volume.diagnosis),)
        if family.id == knee_acl.MRNET.id:
            rows = central(region.start, region.stop, knee_acl.SERIES_SLICES)
            items.append(Item(volume.path.stem, volume.exam, label, lambda v=volume, r=rows: clipped(v.read(), r)))
            continue
        for row in central(region.start, region.stop, SLICES_OF_AN_EXAM):
            name = f"{volume.path.stem}-{row}"
            items.append(Item(name, volume.exam, label, lambda v=volume, r=[row]: clipped(v.read(), r)))
    return items


def mrnet_items(folder: Path, family: Family) -> list[Item]:
    """The central slices of every sagittal series of both published parts."""
    items = []
    for part in ("train", "valid"):
        if (folder / part).is_dir():
            items += [
                Item(
                    f"{part}-{exam.exam}",
                    f"{part}-{exam.exam}",
                    (int(exam.labels["acl"]),),
                    lambda e=exam: middle(e.read("sagittal"), knee_acl.SERIES_SLICES),
                )
                for exam in read_mrnet(folder, part)
            ]
    return items


def rsna_items(folder: Path, family: Family) -> list[Item]:
    """The axial T2 slice at which a level's recesses were graded, wherever all five sites of that level have a grade."""
    items = []
    for study in read_rsna_lumbar(folder):
        axial = set(study.axial_t2())
        places = {mark.level: (mark.series, mark.instance) for mark in study.marks if mark.series in axial}
        for level, place in sorted(places.items()):
            grades = [study.grades.get((site, level)) for site in lumbar_stenosis.SITES]
            if all(grades):
                labels = tuple(lumbar_stenosis.GRADES.index(grade) for grade in grades)
                items.append(Item(f"{study.study}-{level}", study.study, labels, slice_reader(study, place)))
    return items


def slice_reader(study: LumbarStudy, place: tuple[str, int]) -> Callable[[], np.ndarray]:
    """One instance as a series of one slice."""
    return lambda: study.read_instance(*place)[None]


def central(start: int, stop: int, count: int) -> list[int]:
    """`count` rows about the middle of start…stop."""
    first = (start + stop - count) // 2
    return list(range(first, first + count))


def clipped(volume: np.ndarray, rows: list[int]) -> np.ndarray:
    """The rows, where the volume ends its last one again."""
    return volume[np.clip(rows, 0, len(volume) - 1)]


def middle(volume: np.ndarray, count: int) -> np.ndarray:
    """The central slices."""
    return clipped(volume, central(0, len(volume), count))


def binary_head(family: Family) -> tuple[Head, ...]:
    """MRNet tells injured from intact only."""
    intact = knee_acl.LABELS[knee_acl.HEALTHY]
    return (Head("acl-injury", "probabilities", (intact, INJURED), hidden=SeriesNetwork.hidden),)


def three_injuries(family: Family) -> tuple[Head, ...]:
    """KneeMRI's diagnoses."""
    return (knee_acl.injury_head(knee_acl.THREE, family.heads[0].hidden),)


LAYOUTS = {
    "kneemri": Layout("KneeMRI (Štajduhar et al. 2017)", kneemri_items, three_injuries),
    "mrnet": Layout("MRNet (Bien et al. 2018)", mrnet_items, binary_head),
    "rsna-lumbar": Layout("RSNA 2024 Lumbar Spine Degenerative Classification", rsna_items, lambda family: family.heads),
}
FITTING = {  # which families can be trained on which layout
    knee_acl.MOBILENET.id: ("kneemri",),
    knee_acl.VGG16_SVC.id: ("kneemri",),
    knee_acl.MRNET.id: ("mrnet", "kneemri"),
    lumbar_stenosis.FAMILY.id: ("rsna-lumbar",),
}
