"""The card's section on the domain check."""

from dataclasses import dataclass
from pathlib import Path

from axial_training.evaluation.card_sections import put_section

HEADING = "Images that the model does not know"
FOLLOWING = "Known failure cases"


@dataclass(frozen=True)
class DomainFigures:
    """What was measured of the check; shares are of images marked."""

    threshold: float
    false_alarm_rate: float
    fitted: int
    validation_count: int
    test_count: int
    test_share: float
    known: dict[str, tuple[int, float, float]]
    foreign: dict[str, tuple[int, float, float]]  # images, share marked, smallest distance in thresholds
    largest_change: float  # of any probability
    cost: float  # of a batch's time, as a part of it


def write_domain_section(card: Path, figures: DomainFigures, note: str) -> None:
    """Put the section before the known failure cases, in the place of an earlier one."""
    put_section(card, HEADING, domain_section(figures, note), FOLLOWING)


def domain_section(figures: DomainFigures, note: str) -> str:
    """Threshold, false alarms, detection."""
    return f"""The output `domain_distance` says how far an image is from those that the model knows, the largest of several
scores, each in parts of its own limit. Three are distances from Gaussians of {figures.fitted} training slices: of the
network's own feature maps (means and standard deviations, one map per resolution), of the picture's edges and grey values at
several scales, and of the same in 8×8 cells. For pictures that have a way up there is a small network beside, which was
shown those cells of the training slices and of the same turned, upside down, negative, on white borders or, where they face
one way, mirrored. Slices also count as known when stored as JPEG, on a black border or turned by up to 15°. The threshold
{figures.threshold:.3f} is what {figures.false_alarm_rate:.1%} of {figures.validation_count} validation slices, as they are
and so changed, exceed. On the test split {figures.test_share:.2%} of {figures.test_count} slices exceed it. {note}

| images that should pass | count | marked | nearest, in thresholds |
|---|---|---|---|
{table(figures.known)}

| images that should be marked | count | marked | nearest, in thresholds |
|---|---|---|---|
{table(figures.foreign)}

No image of another body part, photograph or noise was used for the fit or the threshold. The largest change of a probability
by the addition is {figures.largest_change:.0e}; a batch takes {max(0.0, figures.cost):.1%} longer on one CPU thread.
`python -m axial_training domain` writes this section again."""


def table(rows: dict[str, tuple[int, float, float]]) -> str:
    """Name, images, share marked, smallest distance."""
    return "\n".join(f"| {name} | {count} | {share:.1%} | {nearest:.2f} |" for name, (count, share, nearest) in rows.items())
