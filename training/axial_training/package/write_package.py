"""From a trained run to a finished package: calibrate, export, measure on the test split, write everything."""

from pathlib import Path

import numpy as np
import onnx
import torch

from axial_training.architectures.both_ways import BothWays
from axial_training.domain.apply_domain import apply_domain
from axial_training.domain.recipes import DOMAINS
from axial_training.evaluation.abstention_rules import thresholds_of, write_thresholds
from axial_training.evaluation.apply_agreement import apply_agreement
from axial_training.evaluation.by_group import group_figures
from axial_training.evaluation.calibration import Calibration, as_it_is, chance_calibration_error, fit_calibration
from axial_training.evaluation.card import write_card
from axial_training.evaluation.explanation import check_explanation
from axial_training.evaluation.figures import confusion_figure, curves_figure, reliability_figure, roc_figure
from axial_training.evaluation.measured import Measured
from axial_training.evaluation.ordinal_readout import OrdinalReadout, fit_readout
from axial_training.evaluation.report import head_reports
from axial_training.evaluation.scores import SCORES, selection_score
from axial_training.families.family import Dataset, Family, Head, Label, Marginal
from axial_training.families.split_images import SPLITS
from axial_training.learning.explainer_training import load_explainer, load_network
from axial_training.learning.prediction import predict_logits
from axial_training.learning.run_commands import read_commands, read_history
from axial_training.package.export_graph import INPUT, MAPS_OUTPUT, PackagedNetwork, answers, export_onnx
from axial_training.package.golden import cpu_session, write_golden
from axial_training.package.golden_patterns import golden_patterns
from axial_training.package.manifest import WEIGHTS_FILE, write_manifest
from axial_training.package.parity import largest_difference
from axial_training.package.predict_heads import predict_heads, run_batches
from axial_training.package.small_storage import STORAGES
from axial_training.package.unpack_weights import origin_of

EXPLAINED_IMAGES = 100
BATCH = 32


def write_package(family: Family, data: Path, run: Path, folder: Path) -> Measured:
    """Write `folder` from `run`/best.pt. The test split is read here and nowhere else."""
    folder.mkdir(parents=True, exist_ok=True)
    size = family.recipe.stages[-1].size
    network = load_network(family, data, run)
    family.finish(network, data)
    validation = family.load(data, "val", size)
    shown = BothWays(network) if family.mirrored else network
    logits = predict_logits(shown, validation.images, torch.device("cpu"))
    calibration = as_it_is(family.heads)
    if family.calibrated:
        calibration = fit_calibration(logits, validation.labels, family.heads, family.biased)
    readouts = fit_readouts(family, logits, validation.labels, calibration)
    explainer = load_explainer(family, network, run)
    packaged = PackagedNetwork(network, family.heads, calibration, explainer, family.mirrored, readouts)
    compared = middle_slices(validation.images[:BATCH])
    differences = write_weights(packaged, family.storage, size, folder / WEIGHTS_FILE, compared)
    origin = origin_of(run)
    history = [] if origin else read_history(run / "history.csv")
    stored = stored_answers(family, folder, validation)
    measured = measure(family, folder / WEIGHTS_FILE, family.load(data, "test", size), stored, validation.labels)
    measured.history = history
    measured.commands = read_commands(run)
    exact = answers(logits, family.heads, calibration, readouts) if not hidden(family) else [logits]
    measured.validation_score = selection_score(family, torch.cat(exact, 1), validation.labels)
    measured.calibration = calibration
    measured.origin = origin
    measured.readout = readouts[0]
    measured.chance_error = chance_calibration_error(measured.reports[0].probabilities, family.recipe.seed)
    measured.stored_validation_score = selection_score(family, torch.cat(stored, 1), validation.labels)
    measured.float32_difference, measured.stored_difference = differences
    write_figures(measured, folder)
    outputs = [head.output for head in family.heads]
    write_golden(folder / WEIGHTS_FILE, folder / "golden.json", golden_patterns(size, size), outputs)
    write_manifest(folder, complete_manifest(family, folder.name, size, measured))
    write_card(family, folder, measured)
    write_thresholds(folder, family, measured.abstentions, measured.test_count)
    if family.series_from:
        apply_agreement(folder, data / family.series_from, SPLITS / family.series_split)
    if family.id in DOMAINS:
        apply_domain(family, data, folder)
    return measured


def write_weights(
    packaged: PackagedNetwork, storage: str, size: int, destination: Path, images: np.ndarray
) -> tuple[float, float]:
    """Export, store small; returns the largest probability differences from PyTorch before and after."""
    inputs = np.concatenate([*golden_patterns(size, size).values(), images])
    exact = export_onnx(packaged, size, destination)
    before = largest_difference(packaged, destination, inputs)
    onnx.save(STORAGES[storage](exact), destination)
    return before, largest_difference(packaged, destination, inputs)


def hidden(family: Family) -> bool:
    """Series networks answer with logarithms of probabilities of their own, without the hidden answer."""
    return any(head.hidden for head in family.heads)


def fit_readouts(
    family: Family, logits: torch.Tensor, labels: np.ndarray, calibration: Calibration
) -> tuple[OrdinalReadout | None, ...]:
    """One per head that answers with its expectation, else None."""
    if not any(head.expectation for head in family.heads):
        return (None,) * len(family.heads)
    given = answers(logits, family.heads, calibration, (None,) * len(family.heads))
    return tuple(
        fit_readout(part, labels[:, column]) if head.expectation else None
        for column, (part, head) in enumerate(zip(given, family.heads, strict=True))
    )


def stored_answers(family: Family, folder: Path, dataset: Dataset) -> list[torch.Tensor]:
    """Probabilities of each head, from the graph as it is stored."""
    return [torch.from_numpy(part) for part in predict_heads(family, cpu_session(folder / WEIGHTS_FILE), dataset)]


def measure(
    family: Family,
    weights: Path,
    test: Dataset,
    validation: list[torch.Tensor],
    validation_labels: np.ndarray,
) -> Measured:
    """Everything that is measured on the exported graph; thresholds are set on the validation split's probabilities."""
    session = cpu_session(weights)
    found = predict_heads(family, session, test)
    reports = [
        report
        for column, head in enumerate(family.heads)
        for report in head_reports(head, found[column], test.labels[:, column])
    ]
    chosen = np.random.default_rng(family.recipe.seed).permutation(len(test.images))[:EXPLAINED_IMAGES]
    boxes = None if test.boxes is None else test.boxes[chosen]
    explanation = check_explanation(
        lambda images: tuple(run_batches(session, [family.heads[0].output, MAPS_OUTPUT], images)),
        middle_slices(test.images[chosen]),
        boxes,
        family.recipe.seed,
    )
    return Measured(
        reports=reports,
        explanation=explanation,
        test_count=len(test.images),
        score_name=family.score.replace("-", " "),
        consistency=family.consistency(found),
        groups=group_figures(
            test.groups or test.names, test.labels[:, 0], found[0].argmax(1), SCORES[family.score], family.recipe.seed
        ),
        abstentions=thresholds_of(
            family.heads, ([part.numpy() for part in validation], validation_labels), (found, test.labels)
        ),
    )


def middle_slices(images: np.ndarray) -> np.ndarray:
    """[N, slices, S, S] → [N, 1, S, S]."""
    middle = images.shape[1] // 2
    return images[:, middle : middle + 1]


def write_figures(measured: Measured, folder: Path) -> None:
    """PNG per report, and the curves."""
    for report in measured.reports:
        confusion_figure(report, folder / f"confusion-{report.name}.png")
    roc_figure(measured.reports[0], folder / "roc.png")
    reliability_figure(measured.reports[0], folder / "calibration.png")
    if measured.history:
        curves_figure(measured.history, folder / "curves.png")


def complete_manifest(family: Family, version: str, size: int, measured: Measured) -> dict:
    """The family's manifest with what export and measurement add."""
    return {
        **family.manifest(),
        "id": family.id,
        "version": version,
        "licence": {"weights": family.card.weights_licence, "data": family.card.data_licence},
        "input": {"name": INPUT, "dtype": "uint8", "layout": "NCHW", "channels": 1, "height": size, "width": size},
        "heads": [head_entry(head) for head in family.heads],
        "explanation": {"method": "cam", "output": MAPS_OUTPUT},
        "calibration": {
            "temperature": measured.calibration.temperatures[0],
            "ece": round(measured.reports[0].values()["ece"], 4),
        },
        "metrics": {"data": f"{family.card.test_data}, {measured.test_count} images", "values": measured.values()},
    }


def head_entry(head: Head) -> dict:
    """A head as model.json has it."""
    entry = {
        "name": head.name,
        "output": head.output,
        "kind": "softmax",
        "ordinal": head.ordinal,
        "labels": [label_entry(label) for label in head.labels],
    }
    return entry | ({"marginals": [marginal_entry(m) for m in head.marginals]} if head.marginals else {})


def marginal_entry(marginal: Marginal) -> dict:
    """A marginal as model.json has it."""
    groups = [label_entry(group.label) | {"of": list(group.of)} for group in marginal.groups]
    return {"name": marginal.name, "labels": groups}


def label_entry(label: Label) -> dict:
    """A label as model.json has it."""
    entry: dict = {"id": label.id, "display": label.display}
    if label.code:
        scheme, value, meaning = label.code
        entry["code"] = {"scheme": scheme, "value": value, "meaning": meaning}
    return entry
