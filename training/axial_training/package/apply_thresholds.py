"""Give a finished package its thresholds for "indeterminate", in model.json and in the card."""

from pathlib import Path

from axial_training.evaluation.abstention import Abstention
from axial_training.evaluation.abstention_rules import thresholds_of, write_thresholds
from axial_training.families.family import Family
from axial_training.package.golden import cpu_session
from axial_training.package.manifest import WEIGHTS_FILE
from axial_training.package.predict_heads import predict_heads


def apply_thresholds(family: Family, data: Path, package: Path) -> dict[str, Abstention]:
    """Set them on the validation split, measure them on the test split, and write both over what an earlier call wrote."""
    session, size = cpu_session(package / WEIGHTS_FILE), family.recipe.stages[-1].size
    validation, test = (family.load(data, split, size) for split in ("val", "test"))
    found = thresholds_of(
        family.heads,
        (predict_heads(family, session, validation), validation.labels),
        (predict_heads(family, session, test), test.labels),
    )
    write_thresholds(package, family, found, len(test.images))
    return found
