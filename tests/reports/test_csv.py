"""Reports as CSV, for spreadsheets and pipes."""

from __future__ import annotations

import csv
import os
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from qpcli.reports.csv import csv_text, read_csv, write_csv
from qpcli.reports.findings import findings_frame
from qpcli.tables.catalogue import OUTPUT_TABLES
from qpcli.tables.determinations import DETERMINATIONS
from qpcli.tables.exclusions import EXCLUSIONS
from qpcli.tables.findings import FINDINGS
from qpcli.tables.schema import Column, Kind, Table
from tests.reports.world import determination_row, frame, tables_with_all_payer

KINDS = Table(
    "kinds",
    "One row.",
    (
        Column("text", Kind.TEXT, ""),
        Column("amount", Kind.MONEY, ""),
        Column("score", Kind.SCORE, ""),
        Column("day", Kind.DATE, ""),
        Column("flag", Kind.BOOLEAN, ""),
        Column("count", Kind.INTEGER, ""),
    ),
)


def test_money_has_two_decimals_scores_four_booleans_words_and_null_nothing() -> None:
    rows = pl.DataFrame(
        {
            "text": ["007", "a,b", 'say "x"', None],
            "amount": [5, -5, 12345678901, None],
            "score": [500_000, -1, 1_234_567_891, None],
            "day": [date(2024, 8, 31), None, None, None],
            "flag": [True, False, None, None],
            "count": [0, -1, 1_000_000, None],
        },
        schema={"text": pl.String, "amount": pl.Int64, "score": pl.Int64}
        | {"day": pl.Date, "flag": pl.Boolean, "count": pl.Int64},
    )
    assert csv_text(rows, KINDS).decode() == (
        "text,amount,score,day,flag,count\n"
        "007,0.05,50.0000,2024-08-31,true,0\n"
        '"a,b",-0.05,-0.0001,,false,-1\n'
        '"say ""x""",123456789.01,123456.7891,,,1000000\n'
        ",,,,,\n"
    )


@pytest.mark.parametrize("table", OUTPUT_TABLES, ids=lambda table: table.name)
def test_what_was_written_comes_back_and_is_what_a_pipe_gets(tmp_path: Path, table: Table) -> None:
    rows = tables_with_all_payer()[table.name]
    assert write_csv(rows, table, tmp_path / "a.csv") == rows.height
    assert read_csv(tmp_path / "a.csv", table).equals(rows)
    assert (tmp_path / "a.csv").read_bytes() == csv_text(rows, table)


def test_no_rows_are_a_header() -> None:
    text = csv_text(findings_frame(()), FINDINGS).decode()
    assert text == "code,severity,table,rule,count,message\n"


def test_a_table_of_many_slices_has_one_header_and_every_row(tmp_path: Path) -> None:
    many = frame(DETERMINATIONS, determination_row()).select(pl.all().repeat_by(150_000).explode())
    write_csv(many, DETERMINATIONS, tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert len(lines) == 150_001
    assert len(set(lines)) == 2


def test_only_the_owner_may_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_csv(findings_frame(()), FINDINGS, tmp_path / "a.csv")
    finally:
        os.umask(before)
    assert (tmp_path / "a.csv").stat().st_mode & 0o777 == 0o600


HOSTILE = ("=1+1", "+1", "-1", "@x", "\tx", "\rx", "'=1", "'", "plain", "a=b")


@pytest.mark.parametrize("text", HOSTILE)
def test_for_excel_no_text_begins_like_a_formula_and_all_comes_back(tmp_path: Path, text: str) -> None:
    rows = frame(DETERMINATIONS, determination_row(determined_by_apm_entity_id=text))
    write_csv(rows, DETERMINATIONS, tmp_path / "a.csv", for_excel=True)
    content = (tmp_path / "a.csv").read_bytes()
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8-sig") as file:
        _, row = csv.reader(file)
    assert not row[6].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\n") == content.count(b"\r\n") == 2
    assert content == csv_text(rows, DETERMINATIONS, for_excel=True)
    assert read_csv(tmp_path / "a.csv", DETERMINATIONS).equals(rows)


def test_for_excel_a_negative_amount_stays_a_number() -> None:
    rows = frame(EXCLUSIONS, {"apm_entity_id": "-A", "amount_remaining": -5})
    assert b",'-A," in csv_text(rows, EXCLUSIONS, for_excel=True)
    assert b",-0.05," in csv_text(rows, EXCLUSIONS, for_excel=True)
