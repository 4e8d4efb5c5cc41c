"""Worked examples: every TOML file of this folder is a world and the rows it must give; README.md says how."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qpcli.tables.all_payer_scores import ALL_PAYER_SCORES
from qpcli.tables.determinations import DETERMINATIONS
from qpcli.tables.exclusions import EXCLUSIONS
from qpcli.tables.schema import Table
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from tests.oracle.world import Row
from tests.support.in_memory import Outcome
from tests.support.spec_tables import computed, parsed, records

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.toml"))
TABLES = (THRESHOLD_SCORES, DETERMINATIONS, ALL_PAYER_SCORES, EXCLUSIONS)

INPUTS = {"lines", "populations", "benes", "unrecorded", "listed", "attributed", "entities", "other_payer"}
SETTINGS = {"about", "performance_years", "snapshots", "assume", "code_sets", "expected", "absent"}

LEVELS = {"entity": "apm_entity"}
METHODS = {"payment": "payment_amount", "patient": "patient_count"}
SHORT_NAMES = {
    "at": "determined_at_snapshot",
    "by_basis": "determined_by_basis",
    "by_entity": "determined_by_apm_entity_id",
    "by_level": "determined_by_level",
    "by_method": "determined_by_method",
    "consequence": "mips_consequence",
    "entities": "apm_entity_count",
    "entity": "apm_entity_id",
    "latest": "is_latest",
    "minimum": "medicare_minimum_status",
    "mips_apm": "is_mips_apm_participant",
    "option": "determined_by_option",
    "why_not": "not_assessed_because",
}
RATIOS = {"payment", "patient"}


@dataclass(frozen=True)
class Case:
    """One file in one of its performance years."""

    file: Path
    year: int

    def __str__(self) -> str:
        return f"{self.file.stem}-{self.year}"


def read(file: Path) -> dict[str, Any]:
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    unknown = set(content) - INPUTS - SETTINGS
    assert not unknown, f"{file.name}: README.md does not know {', '.join(sorted(unknown))}"
    return content


CASES = [Case(file, year) for file in FILES for year in read(file)["performance_years"]]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_case_gives_the_rows_its_file_expects(case: Case) -> None:
    content = read(case.file)
    outcome = outcome_of(content, case.year)
    problems = [*missed(content, outcome, case.year), *present(content, outcome, case.year)]
    assert not problems, "\n".join([str(content["about"]).strip(), *problems])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_case_says_what_it_is_about_and_expects_rows(file: Path) -> None:
    content = read(file)
    assert content["about"].strip()
    wanted = [records(text) for part in ("expected", "absent") for text in content.get(part, {}).values()]
    assert any(wanted)


def outcome_of(content: Mapping[str, Any], year: int) -> Outcome:
    tables = {name: content[name] for name in INPUTS & set(content)}
    snapshots = tuple(content.get("snapshots", (1, 2, 3)))
    return computed(
        year=year,
        snapshots=snapshots,
        assume=content.get("assume"),
        code_sets=content.get("code_sets"),
        **tables,
    )


def missed(content: Mapping[str, Any], outcome: Outcome, year: int) -> Iterator[str]:
    """Expected rows that are not there, or not once, or hold something else."""
    for table, wanted in rows_of(content.get("expected", {}), year):
        keys = {name: value for name, value in wanted.items() if name in table.keys}
        found = rows_with(keys, table, outcome)
        if len(found) != 1:
            yield f"{table.name}: {len(found)} rows have {shown(keys)}"
            continue
        for name, value in wanted.items():
            if found[0][name] != value:
                yield f"{table.name}: {shown(keys)}: {name} is {found[0][name]}, expected {value}"


def present(content: Mapping[str, Any], outcome: Outcome, year: int) -> Iterator[str]:
    """Rows that must not be there."""
    for table, wanted in rows_of(content.get("absent", {}), year):
        if rows_with(wanted, table, outcome):
            yield f"{table.name}: there is a row with {shown(wanted)}"


def rows_of(texts: Mapping[str, str], year: int) -> Iterator[tuple[Table, Row]]:
    """The rows of text tables, those of other performance years left out."""
    by_name = {table.name: table for table in TABLES}
    for name, text in texts.items():
        for record in records(text):
            if record.pop("year", None) in (None, str(year)):
                yield by_name[name], expected_row(by_name[name], record, year)


def expected_row(table: Table, record: Mapping[str, str | None], year: int) -> Row:
    row: dict[str, Any] = {}
    for name, cell in record.items():
        if name in RATIOS and cell is not None:
            numerator, denominator = cell.split("/")
            row[f"{name}_numerator"] = parsed(table, f"{name}_numerator", numerator, year)
            row[f"{name}_denominator"] = parsed(table, f"{name}_denominator", denominator, year)
        else:
            canonical = SHORT_NAMES.get(name, name)
            row[canonical] = parsed(table, canonical, full_word(name, cell), year)
    return row


def full_word(name: str, cell: str | None) -> str | None:
    if name in ("level", "by_level"):
        return LEVELS.get(cell or "", cell)
    return METHODS.get(cell or "", cell) if name == "by_method" else cell


def rows_with(wanted: Row, table: Table, outcome: Outcome) -> list[Row]:
    rows: list[Row] = getattr(outcome, table.name) or []
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def shown(values: Row) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
