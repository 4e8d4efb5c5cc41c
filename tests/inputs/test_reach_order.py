"""Any set of alignment reports: on each day one report counts, the last in order whose month has begun."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from qpcli.inputs.attributions import read_attribution
from tests.inputs.list_made import csv_file, law_of, options_of

Report = tuple[int, int, bool, int]
"""Year of the report, month of its delivery counted from the year before, whether reconciled, day."""

REPORTS = st.lists(
    st.tuples(st.sampled_from([24, 25]), st.integers(1, 18), st.booleans(), st.integers(1, 28)),
    min_size=1,
    max_size=5,
    unique=True,
)


def delivered(report: Report) -> date:
    year, month, _, day = report
    return date(2000 + year + (month - 1) // 12, (month - 1) % 12 + 1, day)


def in_order(report: Report) -> tuple[int, date, bool, date]:
    day = delivered(report)
    return report[0], day.replace(day=1), report[2], day


def expected(reports: list[Report], day: date) -> Report | None:
    begun = [report for report in sorted(reports, key=in_order) if delivered(report).replace(day=1) <= day]
    return begun[-1] if begun else None


@settings(max_examples=60, deadline=None)
@given(REPORTS)
def test_one_report_counts_on_a_day(reports: list[Report]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for place, report in enumerate(reports):
            kind = "ALGR" if report[2] else "ALGC"
            name = f"P.D9990.{kind}{report[0]}.RP.D{delivered(report):%y%m%d}.T1111111.csv"
            row = {"Beneficiary_MBI_ID": f"1S{place}", "Alignment_Effective_Start_Date": "01/01/2023"}
            paths.append(csv_file(Path(folder) / name, row | {"Alignment_Effective_Termination_Date": ""}))
        frame = read_attribution(paths, options_of(), law_of()).table.frame
    for month in range(36):
        day = date(2024 + month // 12, month % 12 + 1, 15)
        held = [row for row in frame.iter_rows(named=True) if row["start_date"] <= day <= (row["end_date"] or day)]
        counts = expected(reports, day)
        assert len(held) == 1
        if counts is not None:
            assert held[0]["bene_id"] == f"1S{reports.index(counts)}"
