"""All families by id."""

from axial_training.families import (
    brain_tumour,
    brain_tumour_baseline,
    brain_tumour_inception,
    knee_acl,
    knee_oa_kl,
    lumbar_stenosis,
)
from axial_training.families.family import Family
from axial_training.families.first_split import INCEPTION

FAMILIES: dict[str, Family] = {
    family.id: family
    for family in (
        brain_tumour.MOBILENET,
        brain_tumour_inception.FAMILY,
        brain_tumour_baseline.FAMILY,
        knee_oa_kl.FAMILY,
        knee_acl.MOBILENET,
        knee_acl.MRNET,
        knee_acl.VGG16_SVC,
        lumbar_stenosis.FAMILY,
    )
}

UNPACKED: dict[str, Family] = {INCEPTION.id: INCEPTION}
"""How packages that were trained on the first split are measured again."""
