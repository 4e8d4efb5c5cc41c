"""What sample is asked for, checked, and what was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from qpcli.errors import UsageError

SampleFormat = Literal["parquet", "csv"]

LINES_PER_PART = 1_000_000
"""About how many lines a part holds when the plan does not say how many parts."""

_MOST_BENEFICIARIES = 100_000_000
_MOST_LINES_PER_BENEFICIARY = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePlan:
    """One sample; equal plans give byte-identical files.

    `as_of`: claims processed later are left out; None: none are. `lines_per_beneficiary` is a mean;
    `parts` None makes about one part per million claim lines.
    Raises UsageError (QP101) for a value that no sample can have.
    """

    performance_year: int
    beneficiaries: int = 2000
    lines_per_beneficiary: int = 12
    seed: int = 1
    format: SampleFormat = "parquet"
    parts: int | None = None
    as_of: date | None = None

    def __post_init__(self) -> None:
        _check("beneficiaries", self.beneficiaries, 1, _MOST_BENEFICIARIES)
        _check("lines per beneficiary", self.lines_per_beneficiary, 1, _MOST_LINES_PER_BENEFICIARY)
        _check("parts", self.part_count, 1, self.beneficiaries)
        if self.format not in ("parquet", "csv"):
            raise UsageError("QP101", f"a sample is written as parquet or csv, not as {self.format!r}")

    @property
    def part_count(self) -> int:
        """Number of claim line files."""
        if self.parts is not None:
            return self.parts
        return min(self.beneficiaries, -(-self.beneficiaries * self.lines_per_beneficiary // LINES_PER_PART))

    def part_range(self, part: int) -> tuple[int, int]:
        """First beneficiary of a part, and the first of the next part."""
        total, count = self.beneficiaries, self.part_count
        return total * part // count, total * (part + 1) // count


@dataclass(frozen=True, slots=True)
class SampleWritten:
    """What a sample holds: `files` in the order written, rows of each table."""

    folder: Path
    files: tuple[Path, ...]
    claim_line_count: int
    beneficiary_row_count: int
    participant_row_count: int
    attribution_row_count: int
    entity_count: int


def _check(what: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise UsageError("QP101", f"a sample cannot have {what} {value}: {least} to {most} can be used")
