"""`qpcli rules`: the law that qpcli runs on, with authority and dates."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from qpcli.cli import console
from qpcli.cli.options import LAW, AsJson, Debug, LawAsOf, day, option
from qpcli.cli.session import session_of

if TYPE_CHECKING:
    from qpcli.regulation.dated_rules import ThresholdsOfYear
    from qpcli.regulation.law import Thresholds

JSON_VERSION = "qpcli.rules/1"


def rules(
    ctx: typer.Context,
    year: Annotated[
        int | None, option(LAW, "--year", metavar="YEAR", help="Performance year; without it, thresholds of all.")
    ] = None,
    law_as_of: LawAsOf = None,
    json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Show the regulation data: thresholds, snapshots, code lists and the points that the law leaves open.

    Every value has its authority and the day it was published. With --law-as-of the answer is the one of that day,
    so that an earlier determination can be followed. What is marked as assumption is nobody's published word.

    Examples:
      qpcli rules
      qpcli rules --year 2025
      qpcli rules --year 2026 --law-as-of 2025-12-31
      qpcli rules --year 2025 --json
    """
    session_of(ctx).is_debugging = debug
    as_of = day(law_as_of)
    if year is None:
        _show_all_years(as_of, is_json=json)
    else:
        _show_year(year, as_of, is_json=json)
    return 0


def _show_all_years(as_of: date | None, *, is_json: bool) -> None:
    from qpcli.regulation.dated_rules import all_thresholds

    rows = all_thresholds(as_of)
    if is_json:
        from qpcli.reports.as_json import as_json

        console.write_json({"schema": JSON_VERSION, "thresholds": as_json(rows)})
    else:
        _show_thresholds(rows)


def _show_thresholds(rows: tuple[ThresholdsOfYear, ...]) -> None:
    from rich.text import Text

    from qpcli.cli.tables import plain_table

    headers = ("year", "paid in", "QP", "Partial QP", "published", "authority")
    cells = [
        (str(row.performance_year), str(row.payment_year), *_bars(row.thresholds), str(row.published), row.authority)
        for row in rows
    ]
    console.show(
        Text("Thresholds by performance year", style="bold"),
        Text("Percent of payments / percent of patients; either one suffices.\n"),
        plain_table(headers, cells, right=("QP", "Partial QP")),
    )


def _bars(bars: Thresholds) -> tuple[str, str]:
    return f"{bars.qp_payment} / {bars.qp_patient}", f"{bars.partial_payment} / {bars.partial_patient}"


def _show_year(year: int, as_of: date | None, *, is_json: bool) -> None:
    from qpcli.cli.rules_of_year import page
    from qpcli.regulation.describe import describe
    from qpcli.regulation.resolve import resolve_law

    description = describe(resolve_law(performance_year=year, law_as_of=as_of))
    if is_json:
        from qpcli.cli.rules_json import document

        console.write_json({"schema": JSON_VERSION, **document(description)})
    else:
        console.show(*page(description))
