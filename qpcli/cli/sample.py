"""`qpcli sample`: a synthetic ACO market to try things out on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qpcli.cli import console, options
from qpcli.cli.options import option
from qpcli.cli.progress import watching
from qpcli.cli.session import session_of
from qpcli.request import ReportFormat

if TYPE_CHECKING:
    from qpcli.sample import SamplePlan, SampleWritten
    from qpcli.watch import Watcher

JSON_VERSION = "qpcli.sample/1"
SAMPLE = "Sample"


Out = Annotated[Path, option(SAMPLE, "--out", metavar="DIR", help="A folder that is absent or empty; needed.")]
Year = Annotated[int, option(SAMPLE, "--year", metavar="YEAR", help="Performance year, such as 2025; needed.")]
People = Annotated[int, option(SAMPLE, "--beneficiaries", metavar="N", help="Number of people; default 2000.")]
Lines = Annotated[
    int, option(SAMPLE, "--lines-per-beneficiary", metavar="K", help="Mean number of claim lines; default 12.")
]
Seed = Annotated[int, option(SAMPLE, "--seed", metavar="S", help="Equal seeds make equal files; default 1.")]
Format = Annotated[
    ReportFormat, option(SAMPLE, "--format", metavar="csv|parquet", help="Format of the files; default csv.")
]


def sample(
    ctx: typer.Context,
    out: Out,
    year: Year,
    beneficiaries: People = 2000,
    lines_per_beneficiary: Lines = 12,
    seed: Seed = 1,
    format: Format = ReportFormat.CSV,
    json: options.AsJson = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> int:
    """Write a synthetic ACO market in the canonical layout: claims, beneficiaries and lists of nobody's data.

    Its APM Entities lie above, between and below the thresholds. `qpcli init` writes the configuration for it.

    Examples:
      qpcli sample --out trial --year 2025
      qpcli sample --out small --year 2026 --beneficiaries 200 --seed 7 --format parquet
    """
    session = session_of(ctx)
    session.is_debugging, session.is_quiet = debug, quiet
    from qpcli.sample import SamplePlan

    plan = SamplePlan(
        performance_year=year,
        beneficiaries=beneficiaries,
        lines_per_beneficiary=lines_per_beneficiary,
        seed=seed,
        format=format.value,
    )
    with console.natives_silenced(), watching(session) as watcher:
        written = _write(plan, out, watcher)
    if json:
        _show_json(written)
    elif not quiet:
        _tell(written, year)
    return 0


def _write(plan: SamplePlan, out: Path, watcher: Watcher) -> SampleWritten:
    from qpcli.sample import write_sample

    with watcher.step(f"sample of {plan.beneficiaries:,} people"):
        return write_sample(plan, out)


def _show_json(written: SampleWritten) -> None:
    from qpcli.reports.as_json import json_object

    console.write_json({"schema": JSON_VERSION, **json_object(written)})


def _tell(written: SampleWritten, year: int) -> None:
    from rich.text import Text

    folder = written.folder
    console.say(
        Text(f"{written.claim_line_count:,} claim lines in {folder}."),
        Text(f"Next: qpcli init {folder} --year {year}"),
    )
