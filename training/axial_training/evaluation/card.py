"""CARD.md: what the model is, what it was measured on, and where it fails."""

from pathlib import Path

from axial_training.evaluation.card_commands import PROGRAM, commands_section
from axial_training.evaluation.measured import Measured
from axial_training.evaluation.report import Report
from axial_training.families.family import Family


def write_card(family: Family, folder: Path, measured: Measured) -> None:
    """Write the card from the family's words and the measured numbers."""
    text, manifest = family.card, family.manifest()
    parts = [
        f"# {family.id} {folder.name}",
        f"{manifest['title']}. **Evidence level: {manifest['evidence']}.** For research use; not a medical device.",
        f"## Intended use\n\n{manifest['intendedUse']}",
        f"## Architecture\n\n{text.architecture}",
        f"## Data\n\n{text.data}",
        f"## Training\n\n{training_section(family, folder, measured)}",
        f"## Results on the test split ({text.test_data}, {measured.test_count} images)\n\n{text.test_note}",
        *(report_section(report) for report in measured.reports),
        group_section(measured),
        *([f"### Consistency between heads\n\n{measured.consistency}"] if measured.consistency else []),
        calibration_section(measured),
        explanation_section(family, measured),
        f"## Known failure cases\n\n{text.failures}",
        f"## Licences\n\nWeights: {text.weights_licence}\n\nData: {text.data_licence}",
        parity_section(family, measured),
    ]
    (folder / "CARD.md").write_text("\n\n".join(part.strip() for part in parts) + "\n")


def training_section(family: Family, folder: Path, measured: Measured) -> str:
    """Recipe, command, time, curves."""
    if measured.origin:
        unpacked = measured.origin.replace(" ", "/")
        return f"""{family.card.training}

**The weights are those of {measured.origin}**; graph, calibration, domain check and figures are of this version. On the
validation split the {family.score.replace("-", " ")} is {measured.validation_score:.4f}.

    {PROGRAM} package {family.id} --data DIR --out models/{family.id}/{folder.name} --unpack PATH/{unpacked}

![Curves](curves.png)"""
    recipe = family.recipe
    sizes = sorted({int(row["size"]) for row in measured.history})
    epochs = ", ".join(f"{sum(int(row['size']) == size for row in measured.history)} at {size} px" for size in sizes)
    return f"""{family.card.training}

Epochs run: {epochs}. Batch {recipe.batch}, AdamW (weight decay {recipe.weight_decay}), peak learning rates
{", ".join(f"{stage.rate:g}" for stage in recipe.stages)} with warm-up and cosine, label smoothing {recipe.smoothing},
mixup α {recipe.mixup_alpha}, averaged weights (decay {recipe.average_decay}), seed {recipe.seed}. The epoch with the best
validation {family.score.replace("-", " ")} was kept: {measured.validation_score:.4f} on the validation split.
Training took {measured.seconds / 60:.0f} minutes on {family.card.hardware}.

{commands_section(family.id, folder.name, measured)}

![Curves](curves.png)"""


def report_section(report: Report) -> str:
    """Numbers, table and confusion matrix of one question."""
    numbers = "\n".join(f"| {name} | {value:.4f} |" for name, value in report.values().items())
    rows = "\n".join(
        f"| {row['label']} | {row['precision']:.3f} | {row['recall']:.3f} | {row['f1']:.3f} | {row['support']} |"
        for row in report.per_class()
    )
    return f"""### {report.name}

| measure | value |
|---|---|
{numbers}

| label | precision | recall | F1 | support |
|---|---|---|---|---|
{rows}

![Confusion matrix](confusion-{report.name}.png)"""


def group_section(measured: Measured) -> str:
    """Interval over groups, one vote a group, singletons against near-duplicates."""
    figures = measured.groups
    (singles, single_share), (others, several_share) = figures.single, figures.several
    apart = ""
    if singles and others:
        apart = (
            f" Images without near-duplicates: {single_share:.3f} of {singles} right; images with: {several_share:.3f} of "
            f"{others}."
        )
    return f"""### Interval

The test images are {figures.groups} groups; drawn again with replacement, they put the {measured.score_name} between
{figures.low:.3f} and {figures.high:.3f} (95 %). With one vote a group, {figures.per_group:.3f} is right.{apart}"""


def calibration_section(measured: Measured) -> str:
    """Temperature and error."""
    readout = ""
    temperatures = ", ".join(f"{one:g}" for one in dict.fromkeys(measured.calibration.temperatures))
    if measured.calibration.biases:
        readout = " So is a bias for each label: labels that come out too likely everywhere are beyond a temperature."
    if measured.readout:
        readout = (
            " The grades' probabilities are drawn half way towards the expected grade (geometric mean with a logistic "
            f"spread about it, variance {measured.readout.floor:g} and {measured.readout.share:g} of their own, to the "
            f"power {measured.readout.sharpness:g}; fitted on validation)."
        )
    return f"""## Calibration

Temperature {temperatures}, fitted on the validation split and applied inside the graph.{readout} Expected
calibration error on the test split (15 bins): {measured.reports[0].values()["ece"]:.4f}. If every
probability were right it would be {measured.chance_error:.3f} on average: so few images scatter in their bins.

![Calibration](calibration.png) ![ROC](roc.png)"""


def explanation_section(family: Family, measured: Measured) -> str:
    """Outcome of the blanking and pointing tests."""
    check = measured.explanation
    pointing = ""
    if check.hottest_in_box is not None:
        pointing = (
            f" The hottest point of the map lies in the known box of the lesion in {check.hottest_in_box:.1%} of "
            f"{check.pointing_count} images with a lesion."
        )
    return f"""## Explanation

{family.card.explanation}

On {check.count} test images, blanking the hottest tenth (set to black) lowered the winning probability more than blanking
the same shape moved by a random cyclic shift in {check.hot_beats_random:.1%} of images (mean drop
{check.mean_hot_drop:.3f} against {check.mean_random_drop:.3f}).{pointing}"""


def parity_section(family: Family, measured: Measured) -> str:
    """Differences between PyTorch and the exported graph, and what the small storage costs."""
    return f"""## Export

Largest difference of a probability between PyTorch and ONNX Runtime (CPU) on generated and validation images:
{measured.float32_difference:.1e} with float32 weights, {measured.stored_difference:.1e} after storing large ones as
{family.storage}. On the validation split the {family.score.replace("-", " ")} is {measured.validation_score:.4f} with
float32 weights and {measured.stored_validation_score:.4f} with the stored ones."""
