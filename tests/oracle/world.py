"""A small world: everything one run is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class World:
    """One run's inputs: rows with the canonical column names; an absent or None value is the column's default.

    `entities` None means that no entities file is given. `assumptions` maps an open point to its value as
    text. `snapshots` are the computed ones: 1 up to the highest requested. `em_code_sets` maps the names
    that entities use in `em_code_set` to their codes. `other_payer` None means that nothing was submitted.
    """

    performance_year: int
    claim_lines: Sequence[Row] = ()
    beneficiaries: Sequence[Row] = ()
    participants: Sequence[Row] = ()
    attribution: Sequence[Row] = ()
    entities: Sequence[Row] | None = None
    assumptions: Mapping[str, str] = field(default_factory=dict)
    snapshots: tuple[int, ...] = (1, 2, 3)
    em_code_sets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    other_payer: Sequence[Row] | None = None
