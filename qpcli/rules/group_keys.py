"""One number for each group of clinicians, so that one integer key can stand for it."""

from __future__ import annotations

import polars as pl

from qpcli.rules.numbering import Numbering
from qpcli.terms import Level

OF_ENTITIES = (Level.APM_ENTITY, Level.AFFILIATED_PRACTITIONER, Level.TIN)
OF_CLINICIANS = (Level.INDIVIDUAL, Level.AFFILIATED_PRACTITIONER, Level.NPI)
"""Levels at which a group is of one APM Entity, and of one clinician."""
_FIRST_KEY_OF_TINS, _FIRST_KEY_OF_NPIS = 2**61, 2**62
"""Far above any product of entities and clinicians."""


def group_key(level: Level, numbering: Numbering) -> pl.Expr:
    """A number that no other group of a run has: made of entity and clinician or TIN, 0 standing for none."""
    none = pl.lit(0, pl.UInt64)
    entity = pl.col("entity_key").cast(pl.UInt64) + 1 if level in OF_ENTITIES else none
    clinician = pl.col("clinician_key").cast(pl.UInt64) + 1 if level in OF_CLINICIANS else none
    if level is Level.TIN:
        return pl.lit(_FIRST_KEY_OF_TINS, pl.UInt64) + entity * numbering.tin_count + pl.col("tin_key")
    first = pl.lit(_FIRST_KEY_OF_NPIS if level is Level.NPI else 0, pl.UInt64)
    return first + entity * (numbering.clinicians.height + 1) + clinician


def group_key_bound(numbering: Numbering, *, has_submitted: bool) -> int:
    """More than any key of a run; `has_submitted`: whether there are groups of submitted TINs or clinicians."""
    if has_submitted:
        return 2 * _FIRST_KEY_OF_NPIS
    return (numbering.entities.height + 1) * (numbering.clinicians.height + 1)
