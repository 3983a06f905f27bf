"""When a package's answer for a series is "indeterminate".

How many of its slices must agree, and by how much their mean must lead: both are set on validation slices and measured on
test slices, in pseudo-series, as the data hold no labelled ones.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from axial_training.datasets.splits import read_split
from axial_training.evaluation.abstention import margins, set_margin, share
from axial_training.package.package_answers import answers_of

SLICES = 16  # of a series that the package shows its model
SERIES = 400  # pseudo-series for each share
SHARES = (1.0, 0.75, 0.5, 0.25)  # of the slices that show the tumour; the others are of heads without one
SEED = 20261128
HEALTHY = "none"
QUESTION = "tumour"
AGREEMENTS = np.round(np.arange(0.5, 1.0, 0.05), 2)
MOST_WRONG = 0.01  # of the pseudo-series of one share, answered and wrong
MOST_KEPT_BACK = 0.25  # of the pseudo-series of one class: an agreement that costs more is no use
SINGLE_WANTED = 0.99  # of the single slices given, right
MARGIN_KEPT_BACK = 0.05  # of the single slices, and of the series of one class, at most


@dataclass(frozen=True)
class SeriesRule:
    """A series is answered if at least `agreement` of its slices vote as their mean does, and the mean's first label leads
    by `margin`."""

    agreement: float
    margin: float


@dataclass(frozen=True)
class SeriesFigures:
    """Of pseudo-series in which `tumour_share` of the slices shows the tumour."""

    tumour_share: float
    agreement_p05: float  # of the series' agreements, the fifth percentile
    agreement_median: float
    right: float
    kept_back: float
    wrong: float  # answered and wrong, of all series
    right_kept_back: float


@dataclass(frozen=True)
class AgreementFigures:
    """The rule, and what it does on the test split."""

    rule: SeriesRule
    test_count: int
    single_kept_back: float  # of single test slices, by the margin
    single_right: float  # of the single slices answered
    series: tuple[SeriesFigures, ...]


@dataclass(frozen=True)
class Slices:
    """Tumour probabilities of slices [N, tumours], the tumours' names, and the true labels, TUMOUR-PLANE."""

    probabilities: np.ndarray
    names: list[str]
    labels: np.ndarray

    @property
    def truth(self) -> np.ndarray:
        """The tumour's place in `names`: [N]."""
        return np.array([self.names.index(label.rsplit("-", 1)[0]) for label in self.labels])


@dataclass(frozen=True)
class Votes:
    """Of pseudo-series [N]: agreement, lead of the mean, whether the mean is right."""

    agreement: np.ndarray
    lead: np.ndarray
    right: np.ndarray

    def given(self, rule: SeriesRule) -> np.ndarray:
        """Whether each is answered."""
        return (self.agreement >= rule.agreement) & (self.lead >= rule.margin)

    def wrong(self, rule: SeriesRule) -> float:
        """Share answered and wrong."""
        return float((self.given(rule) & ~self.right).mean())


def fit_agreement(package: Path, folder: Path, split: Path) -> AgreementFigures:
    """Set the rule on the slices of `val` in `split`, measure it on those of `test`; images lie under `folder`."""
    validation, test = (read_slices(package, folder, split, side) for side in ("val", "test"))
    rule = set_rule(validation)
    given = margins(test.probabilities) >= rule.margin
    right = test.probabilities.argmax(1) == test.truth
    return AgreementFigures(
        rule=rule,
        test_count=len(given),
        single_kept_back=float((~given).mean()),
        single_right=share(right[given]),
        series=tuple(figures_of(part, votes, rule) for part, votes in pseudo_series(test).items()),
    )


def read_slices(package: Path, folder: Path, split: Path, side: str) -> Slices:
    """A package's answers for one side of a split, each slice by itself."""
    examples = read_split(split, side)
    manifest = json.loads((package / "model.json").read_text())
    head = manifest["heads"][0]
    labels = [label["id"] for label in head["labels"]]
    marginal = next(one for one in head["marginals"] if one["name"] == QUESTION)
    members = [[labels.index(name) for name in one["of"]] for one in marginal["labels"]]
    answers = answers_of(package, [folder / example.file for example in examples])
    return Slices(
        probabilities=np.stack([answers[:, each].sum(1) for each in members], 1),
        names=[one["id"] for one in marginal["labels"]],
        labels=np.array([example.label for example in examples]),
    )


def set_rule(slices: Slices) -> SeriesRule:
    """The margin of single slices, unless it is too much for means; then the least agreement at which so few series of any
    share are answered wrongly."""
    shares = pseudo_series(slices)
    usual = np.floor(np.quantile(shares[1.0].lead, MARGIN_KEPT_BACK) * 100) / 100
    margin = min(set_margin(slices.probabilities, slices.truth, SINGLE_WANTED, MARGIN_KEPT_BACK), float(usual))
    chosen = SeriesRule(float(AGREEMENTS[0]), margin)
    for agreement in AGREEMENTS:
        rule = SeriesRule(float(agreement), margin)
        if (~shares[1.0].given(rule)).mean() > MOST_KEPT_BACK:
            break
        chosen = rule
        if all(votes.wrong(rule) <= MOST_WRONG for votes in shares.values()):
            break
    return chosen


def pseudo_series(slices: Slices) -> dict[float, Votes]:
    """SERIES of each share, of slices drawn with replacement from one plane."""
    random = np.random.default_rng(SEED)
    return {part: votes_of(random, slices, part) for part in SHARES}


def votes_of(random: np.random.Generator, slices: Slices, part: float) -> Votes:
    """Of one share. A whole share draws from heads without a tumour too, which are a class like the others."""
    planes = sorted({label.rsplit("-", 1)[1] for label in slices.labels})
    classes = [(name, plane) for name in slices.names for plane in planes if part == 1 or name != HEALTHY]
    agreement, lead, right = [], [], []
    for index in range(SERIES):
        name, plane = classes[index % len(classes)]
        shown = round(SLICES * part)
        own = random.choice(np.flatnonzero(slices.labels == f"{name}-{plane}"), shown)
        rest = random.choice(np.flatnonzero(slices.labels == f"{HEALTHY}-{plane}"), SLICES - shown)
        probabilities = slices.probabilities[np.concatenate([own, rest])]
        mean = probabilities.mean(0)
        agreement.append((probabilities.argmax(1) == mean.argmax()).mean())
        lead.append(margins(mean[None])[0])
        right.append(slices.names[mean.argmax()] == name)
    return Votes(np.array(agreement), np.array(lead), np.array(right))


def figures_of(part: float, votes: Votes, rule: SeriesRule) -> SeriesFigures:
    """What the rule does to one share."""
    given = votes.given(rule)
    return SeriesFigures(
        tumour_share=part,
        agreement_p05=float(np.quantile(votes.agreement, 0.05)),
        agreement_median=float(np.median(votes.agreement)),
        right=share(votes.right),
        kept_back=float((~given).mean()),
        wrong=votes.wrong(rule),
        right_kept_back=share(votes.right[~given]),
    )
