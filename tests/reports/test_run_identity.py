"""What makes two runs the same run."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from qpcli.reports.manifest import InputRecord
from qpcli.reports.run_identity import RunIdentity, identify_run
from qpcli.request import InputPaths, ListOptions, ReportFormat
from tests.reports.world import law, request

CLAIMS = (
    InputRecord("claim_lines", "a.csv", 1, "aa", 1),
    InputRecord("claim_lines", "b.csv", 1, "bb", 1),
    InputRecord("participants", "p.csv", 1, "cc", 1),
)
IDENTITY = identify_run(request(), law(), CLAIMS)


def test_the_run_id_is_sixteen_hex_digits() -> None:
    assert len(IDENTITY.run_id) == 16
    assert int(IDENTITY.run_id, 16) >= 0


def test_paths_order_and_sizes_of_the_files_do_not_matter() -> None:
    moved = tuple(replace(record, path=f"/elsewhere/{record.path}", rows=99) for record in reversed(CLAIMS))
    assert identify_run(request(), law(), moved).run_id == IDENTITY.run_id


def test_where_and_how_the_report_is_written_does_not_matter() -> None:
    elsewhere = request(folder=Path("out"), is_forced=True, wait_seconds=5.0)
    elsewhere = replace(elsewhere, inputs=InputPaths(("x",), ("x",), ("x",), ("x",)))
    assert identify_run(elsewhere, law(), CLAIMS).run_id == IDENTITY.run_id


def test_stating_a_default_is_the_same_as_leaving_it() -> None:
    stated = law()
    points = {name: replace(point, is_overridden=True) for name, point in stated.open_points.items()}
    assert identify_run(request(), replace(stated, open_points=points), CLAIMS).run_id == IDENTITY.run_id


def test_the_same_bytes_in_another_table_are_another_run() -> None:
    swapped = tuple(replace(record, table="attribution") for record in CLAIMS)
    assert identify_run(request(), law(), swapped).run_id != IDENTITY.run_id


def test_another_format_is_another_run() -> None:
    assert identify_run(request(format=ReportFormat.CSV), law(), CLAIMS).run_id != IDENTITY.run_id


CHANGES: dict[str, object] = {
    "input_hashes": {"claim_lines": ("aa",)},
    "performance_year": 2025,
    "law_as_of": date(2020, 1, 1),
    "law_data_version": "2",
    "open_points": {"claims_run_out_days": "60"},
    "last_snapshot": 2,
    "layout": "rif",
    "column_names": {"claim_lines": {"tin": "TAX"}},
    "date_format": "%m/%d/%Y",
    "encoding": "cp1252",
    "max_rejects": 1,
    "lists": ListOptions(apm_entity_id="A1"),
    "report_format": "csv",
    "kept_cells": "listed",
    "is_excel_csv": True,
    "is_shared": True,
    "key_fingerprint": "ab" * 8,
    "qpcli_version": "9",
    "schema_version": 9,
}


def test_every_part_of_the_identity_is_tried() -> None:
    assert set(CHANGES) == {field.name for field in dataclasses.fields(RunIdentity)}


@pytest.mark.parametrize("part", CHANGES)
def test_every_part_changes_the_run_id(part: str) -> None:
    assert replace(IDENTITY, **{part: CHANGES[part]}).run_id != IDENTITY.run_id
