"""The card's section on the domain check."""

from dataclasses import dataclass
from pathlib import Path

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
    title, *sections = card.read_text().split("\n## ")
    kept = [section for section in sections if not section.startswith(HEADING)]
    place = next((i for i, section in enumerate(kept) if section.startswith(FOLLOWING)), len(kept))
    kept.insert(place, f"{HEADING}\n\n{domain_section(figures, note).strip()}\n")
    card.write_text("\n## ".join([title, *kept]).rstrip() + "\n")


def domain_section(figures: DomainFigures, note: str) -> str:
    """Threshold, false alarms, detection."""
    return f"""The output `domain_distance` says how far an image is from those that the model knows, the larger of two: the
distance of its features (means and standard deviations of the network's own feature maps, one map per resolution) from a
Gaussian fitted to {figures.fitted} training slices, and where one map has its means, by a line drawn between those slices
and the same turned, upside down, negative or on white borders. Both are in parts of their own limits; slices also count as
known when they are stored as JPEG, have a black border or are turned by up to 15°. The threshold {figures.threshold:.3f} is
what {figures.false_alarm_rate:.1%} of {figures.validation_count} validation slices, as they are and so changed, exceed. On
the test split {figures.test_share:.2%} of {figures.test_count} slices exceed it. {note}

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
