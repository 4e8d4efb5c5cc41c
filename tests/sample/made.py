"""Samples as the tests read them: the five tables of a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from qpcli.sample import SamplePlan, write_sample


@dataclass(frozen=True)
class Sample:
    """The tables of a sample; claim lines in the order of their parts."""

    folder: Path
    claim_lines: pl.DataFrame
    beneficiaries: pl.DataFrame
    participants: pl.DataFrame
    attribution: pl.DataFrame
    entities: pl.DataFrame


def made(folder: Path, plan: SamplePlan) -> Sample:
    """Write a Parquet sample and read it again."""
    write_sample(plan, folder)
    names = ("beneficiaries", "participants", "attribution", "entities")
    tables = [pl.read_parquet(folder / f"{name}.parquet") for name in names]
    return Sample(folder, pl.read_parquet(folder / "claim_lines" / "*.parquet"), *tables)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its path inside."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
