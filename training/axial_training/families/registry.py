"""All families by id."""

from axial_training.families import brain_tumour
from axial_training.families.family import Family

FAMILIES: dict[str, Family] = {family.id: family for family in (brain_tumour.MOBILENET,)}
