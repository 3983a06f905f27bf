"""What was measured of one trained model."""

from dataclasses import dataclass, field

from axial_training.evaluation.abstention import Abstention
from axial_training.evaluation.by_group import GroupFigures
from axial_training.evaluation.calibration import Calibration
from axial_training.evaluation.explanation import ExplanationCheck
from axial_training.evaluation.ordinal_readout import OrdinalReadout
from axial_training.evaluation.report import Report
from axial_training.learning.run_commands import RunCommand


@dataclass
class Measured:
    """Reports are on the test split; the first is the first head's own."""

    reports: list[Report]
    explanation: ExplanationCheck
    test_count: int
    groups: GroupFigures
    abstentions: dict[str, Abstention]  # of the heads and their marginals
    history: list[dict[str, str]] = field(default_factory=list)  # of the training, one row an epoch
    commands: list[RunCommand] = field(default_factory=list)  # that trained the weights
    origin: str = ""  # the package whose weights these are, where nothing was trained
    score_name: str = "accuracy"  # of the interval
    consistency: str = ""
    validation_score: float = 0.0
    stored_validation_score: float = 0.0  # of the graph as it is stored
    calibration: Calibration = Calibration((1.0,))
    chance_error: float = 0.0  # calibration error of the first report if every probability were right
    readout: OrdinalReadout | None = None
    float32_difference: float = 0.0
    stored_difference: float = 0.0

    @property
    def seconds(self) -> float:
        """Training time, validation included."""
        return sum(float(row["seconds"]) for row in self.history)

    def values(self) -> dict[str, float]:
        """Numbers for model.json: the first report's by their names, the others' with the report's name before."""
        first, *others = self.reports
        numbers = dict(first.values())
        for report in others:
            numbers |= {f"{camel(report.name)}{key[0].upper()}{key[1:]}": v for key, v in report.values().items()}
        return {key: round(value, 4) for key, value in numbers.items()}


def camel(name: str) -> str:
    """two-words → twoWords."""
    first, *rest = name.split("-")
    return first + "".join(word.capitalize() for word in rest)
