"""The description that training, evaluation and export share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from torch import nn

from axial_training.learning.augmentation import Augmentation


@dataclass(frozen=True)
class Label:
    """One class. `code` is scheme, value, meaning, where a terminology has one."""

    id: str
    display: str
    code: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class Group:
    """A sum of labels, as in "glioma in any plane"."""

    label: Label
    of: tuple[str, ...]


@dataclass(frozen=True)
class Marginal:
    """A coarser question answered by sums over a head's labels."""

    name: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Head:
    """One softmax output."""

    name: str
    output: str
    labels: tuple[Label, ...]
    ordinal: bool = False
    ordinal_weight: float = 1.0
    expectation: bool = False  # the answer is drawn towards the expected grade (`OrdinalReadout`)
    marginals: tuple[Marginal, ...] = ()
    hidden: int = 0  # further outputs of the softmax that are not labels and are not exported


@dataclass(frozen=True)
class Stage:
    """One part of the schedule: an input size, a number of epochs, a cosine from `rate` to almost nothing."""

    size: int
    epochs: int
    rate: float
    copies: int = 0  # augmented copies whose early maps are kept, for networks with `early` and `late`; 0: all is trained


@dataclass(frozen=True)
class Dataset:
    """Images of one split, made square at one size."""

    images: np.ndarray  # uint8 [N, 1, S, S]; series are [N, slices, S, S]
    labels: np.ndarray  # int64 [N, heads]
    names: tuple[str, ...]
    groups: tuple[str, ...] = ()  # near-duplicates share one; none given: every image is its own
    weights: np.ndarray | None = None  # float32 [N]: how much an image counts in training; None: all the same
    targets: np.ndarray | None = None  # float32 [N, sum of labels]: soft targets instead of the labels'
    boxes: np.ndarray | None = None  # float [N, 4]: top, left, bottom, right of the lesion, in parts of the side; NaN: none


@dataclass(frozen=True)
class Recipe:
    """How a network is fitted."""

    stages: tuple[Stage, ...]
    batch: int = 32
    augmentation: Augmentation = field(default_factory=Augmentation)
    smoothing: float = 0.05
    mixup_alpha: float = 0.0
    class_weight_power: float = 0.5
    weight_decay: float = 0.02
    average_decay: float = 0.995
    patience: int = 15  # epochs of a stage without a better validation score
    seed: int = 20261120
    most_of_a_group: int = 0  # images of one group in an epoch, drawn anew for each; 0: all


@dataclass(frozen=True)
class ExplainerRecipe:
    """How an occlusion explainer is fitted to the finished classifier."""

    grid: int = 14
    images: int = 1000  # of the training split, at most
    masks: int = 6  # random ones per image
    rounds: int = 2  # further masks where the explainer itself is hottest
    epochs: int = 10  # of each round, over feature maps that are computed once
    shares: tuple[float, float] = (0.02, 0.12)  # of the image, blanked at random


@dataclass(frozen=True)
class CardText:
    """The parts of the card's text that no measurement provides."""

    architecture: str
    data: str
    test_data: str
    test_note: str
    training: str
    failures: str
    explanation: str
    weights_licence: str
    data_licence: str
    hardware: str = "a CPU core (AVX-512, bfloat16 arithmetic), shared with other work"


@dataclass(frozen=True)
class Family:
    """A model family. `load(data, split, size)` returns one split's images."""

    id: str
    heads: tuple[Head, ...]
    recipe: Recipe
    build: Callable[[Path], nn.Module]
    load: Callable[[Path, str, int], Dataset]
    manifest: Callable[[], dict]
    card: CardText
    score: str = "accuracy"  # what selects the best epoch on validation
    freeze: Callable[[nn.Module], None] = lambda network: None
    finish: Callable[[nn.Module, Path], None] = lambda network, data: None  # after the last epoch, before calibration
    calibrated: bool = True
    biased: bool = False  # calibration fits a temperature for each head and a bias for each label
    consistency: Callable[[list[np.ndarray]], str] = lambda probabilities: ""  # a sentence on how the heads agree
    members: tuple["Family", ...] = ()  # of an ensemble: each is trained on its own, `build` puts them together
    series_from: str = ""  # data set whose slices set when an answer for a series is "indeterminate"
    series_split: str = ""  # their split
    mirrored: bool = False  # the graph averages over the image and its mirror image
    storage: str = "float16"  # how large weights are kept in the file: float16, or int8 with a scale per channel
    explainer: ExplainerRecipe | None = None  # None: the network's own class maps explain it
