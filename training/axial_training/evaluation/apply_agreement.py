"""Give a finished package its rule for series, in model.json and in the card."""

import json
from pathlib import Path

from axial_training.evaluation.card_sections import put_section
from axial_training.evaluation.series_agreement import (
    MARGIN_KEPT_BACK,
    MOST_KEPT_BACK,
    MOST_WRONG,
    QUESTION,
    SERIES,
    SINGLE_WANTED,
    SLICES,
    AgreementFigures,
    SeriesFigures,
    fit_agreement,
)
from axial_training.package.manifest import ordered

HEADING = "Series"
FOLLOWING = "Explanation"


def apply_agreement(package: Path, folder: Path, split: Path) -> AgreementFigures:
    """Set the rule on `val`, measure it on `test`, and write both over what an earlier call wrote."""
    figures = fit_agreement(package, folder, split)
    path = package / "model.json"
    manifest = json.loads(path.read_text())
    manifest["abstention"] = [
        {
            "distribution": QUESTION,
            "minimumAgreement": figures.rule.agreement,
            "minimumMargin": figures.rule.margin,
            "measuredOn": measured_on(figures),
        }
    ]
    path.write_text(json.dumps(ordered(manifest), indent=2, ensure_ascii=False) + "\n")
    put_section(package / "CARD.md", HEADING, series_section(figures), FOLLOWING)
    return figures


def measured_on(figures: AgreementFigures) -> str:
    """The rule's figures in one sentence."""
    kept = ", ".join(f"{one.kept_back:.0%} at {one.tumour_share:.0%}" for one in figures.series)
    worst = max(one.wrong for one in figures.series)
    return (
        f"set on validation slices. Of {figures.test_count} single test slices {figures.single_kept_back:.1%} fall below "
        f"the margin, and {figures.single_right:.1%} of the others are right. Of {SERIES} pseudo-series of {SLICES} test "
        f"slices for each share of slices with a tumour it keeps back {kept}; at most {worst:.1%} of any share are "
        "answered wrongly"
    )


def series_section(figures: AgreementFigures) -> str:
    """The rule and a row per share."""
    rule = figures.rule
    return f"""An answer for a series is `indeterminate` unless {rule.agreement:.0%} of its slices or more vote as their mean
does (`minimumAgreement`) and the mean's first label leads by {rule.margin:.2f} (`minimumMargin`). The data hold no labelled
series, so both are set on validation slices, and measured on pseudo-series of {SLICES} test slices of one plane, drawn with
replacement: in some all slices show the tumour (or all are of heads without one), in others a part of them. The margin is
the least at which {SINGLE_WANTED:.0%} of the single slices answered are right, keeping back at most {MARGIN_KEPT_BACK:.0%}
of them and of the series of one class; the agreement is the least at which {MOST_WRONG:.0%} or fewer of the pseudo-series of
every share are answered wrongly, keeping back at most {MOST_KEPT_BACK:.0%} of those of one class. Of {figures.test_count}
single test slices {figures.single_kept_back:.1%} are kept back and {figures.single_right:.1%} of the others are right.

| show it | agreement: 5th percentile, median | mean right | kept back | answered wrongly | right of those kept back |
|---|---|---|---|---|---|
{rows_of(figures)}

Slices of one series are more alike than slices drawn from many heads: expect real series to be surer, and more often wrong
as a whole. `python -m axial_training agreement` writes this section again."""


def rows_of(figures: AgreementFigures) -> str:
    """A line of the table for each share."""
    return "\n".join(row(one) for one in figures.series)


def row(one: SeriesFigures) -> str:
    """A share's figures."""
    return (
        f"| {one.tumour_share:.0%} | {one.agreement_p05:.2f}, {one.agreement_median:.2f} | {one.right:.3f} | "
        f"{one.kept_back:.1%} | {one.wrong:.1%} | {one.right_kept_back:.3f} |"
    )
