"""Small attribution lists for tests, and the shortest way to read them."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from qpcli.errors import QpcliError
from qpcli.findings import Finding
from qpcli.inputs.attributions import AttributionRead, read_attribution
from qpcli.regulation.law import Law
from qpcli.regulation.resolve import resolve_law
from qpcli.request import Assignment, ListOptions, ReadOptions

ANN, BEN, CAL = "1S00E00AA01", "1S00E00AA02", "1S00E00AA03"
"""MBIs in form that nobody can have: the second character is S."""

Row = tuple[str, str, date | None, date | None, bool]


@cache
def law_of(performance_year: int = 2025, **assumptions: str) -> Law:
    return resolve_law(performance_year=performance_year, assumptions=assumptions)


def options_of(
    assignment: Assignment | None = None,
    *,
    apm_entity_id: str | None = None,
    dates: tuple[date, date] | None = None,
    max_rejects: int = 0,
) -> ReadOptions:
    lists = ListOptions(apm_entity_id=apm_entity_id, dates=dates, assignment=assignment)
    return ReadOptions(max_rejects=max_rejects, lists=lists)


def csv_file(path: Path, *rows: dict[str, str], separator: str = ",") -> str:
    """A file with the columns of the first row; its path as a user would type it."""
    names = list(rows[0])
    lines = [separator.join(names), *(separator.join(row.get(name, "") for name in names) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def zipped(archive: Path, *files: str) -> str:
    """The files in an archive."""
    with zipfile.ZipFile(archive, "w") as made:
        for file in files:
            made.write(file, Path(file).name)
    return str(archive)


def rows_of(read: AttributionRead) -> list[Row]:
    """Who is attributed to whom and when, sorted."""
    names = ("apm_entity_id", "bene_id", "start_date", "end_date", "is_prospective")
    return sorted(read.table.frame.select(names).iter_rows(), key=repr)


def said(findings: Sequence[Finding], code: str) -> list[tuple[str | None, int | None]]:
    """Rule and count of the findings with a code."""
    return [(found.rule, found.count) for found in findings if found.code == code]


def messages(findings: Sequence[Finding], code: str) -> list[str]:
    return [found.message for found in findings if found.code == code]


def refusal(*paths: str, options: ReadOptions, law: Law | None = None) -> QpcliError:
    """The error that stops the reading; it never holds an MBI."""
    with pytest.raises(QpcliError) as caught:
        read_attribution(paths, options, law or law_of())
    assert "1S00" not in caught.value.message + caught.value.help
    return caught.value
