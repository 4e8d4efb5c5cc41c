"""`qpcli sample`: a synthetic ACO market to try things out on."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qpcli.cli import console, options
from qpcli.cli.options import option
from qpcli.cli.progress import watching
from qpcli.cli.runs import natives_tamed
from qpcli.cli.session import session_of
from qpcli.errors import UsageError

if TYPE_CHECKING:
    from qpcli.sample import SamplePlan, SampleWritten
    from qpcli.watch import Watcher

JSON_VERSION = "qpcli.sample/1"
SAMPLE = "Sample"


class SampleFormat(StrEnum):
    """File format of a sample's canonical tables."""

    CSV = "csv"
    PARQUET = "parquet"


class SampleLayout(StrEnum):
    """How a sample's claims, people and lists are laid out."""

    CANONICAL = "canonical"
    CCLF = "cclf"
    RIF = "rif"


class Template(StrEnum):
    """Inputs that users write by hand."""

    OTHER_PAYER = "other_payer"


Out = Annotated[
    Path | None, option(SAMPLE, "--out", metavar="DIR", help="A folder that is absent or empty; needed for a market.")
]
Year = Annotated[
    int | None, option(SAMPLE, "--year", metavar="YEAR", help="Performance year, such as 2025; needed for a market.")
]
TemplateName = Annotated[
    Template | None,
    option(SAMPLE, "--template", metavar="other_payer", help="Print a template of this table as CSV, and no market."),
]
People = Annotated[int, option(SAMPLE, "--beneficiaries", metavar="N", help="Number of people; default 2000.")]
Lines = Annotated[
    int, option(SAMPLE, "--lines-per-beneficiary", metavar="K", help="Mean number of claim lines; default 12.")
]
Seed = Annotated[int, option(SAMPLE, "--seed", metavar="S", help="Equal seeds make equal files; default 1.")]
AsOf = Annotated[
    str | None,
    option(
        SAMPLE, "--as-of", metavar="DATE", help="Only claims processed by this day, as a feed of that day has them."
    ),
]
LayoutName = Annotated[
    SampleLayout,
    option(
        SAMPLE,
        "--layout",
        metavar="canonical|cclf|rif",
        help="qpcli's own tables, CCLF deliveries, or RIF; default canonical.",
    ),
]
Format = Annotated[
    SampleFormat, option(SAMPLE, "--format", metavar="csv|parquet", help="Format of canonical tables; default csv.")
]


def sample(
    ctx: typer.Context,
    out: Out = None,
    year: Year = None,
    beneficiaries: People = 2000,
    lines_per_beneficiary: Lines = 12,
    seed: Seed = 1,
    as_of: AsOf = None,
    layout: LayoutName = SampleLayout.CANONICAL,
    format: Format = SampleFormat.CSV,
    template: TemplateName = None,
    json: options.AsJson = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> int:
    """Write a synthetic ACO market: claims, beneficiaries and lists of nobody's data.

    Its APM Entities lie above, between and below the thresholds. `qpcli init` writes the configuration for it.
    In another layout the same market is written as CMS delivers it, with its configuration beside it.
    --template prints a header and example rows for a table that is written by hand, fitting sample_data.

    Examples:
      qpcli sample --out trial --year 2025
      qpcli sample --out small --year 2026 --beneficiaries 200 --seed 7 --format parquet
      qpcli sample --out feed --year 2025 --layout cclf
      qpcli sample --template other_payer > other_payer.csv
    """
    session = session_of(ctx)
    session.is_debugging, session.is_quiet = debug, quiet
    if template is not None:
        return _print_template(template, has_market_options=out is not None or year is not None)
    missing = [name for name, value in (("--out", out), ("--year", year)) if value is None]
    if out is None or year is None:
        raise UsageError("QP101", f"Not given: {', '.join(missing)}.", "A sample needs a folder and a year.")
    if layout is not SampleLayout.CANONICAL and format is not SampleFormat.CSV:
        raise UsageError("QP101", f"--format is for the canonical layout; --layout {layout.value} has one form.")
    if layout is not SampleLayout.CANONICAL and as_of is not None:
        raise UsageError("QP101", f"--as-of is for the canonical layout, not for --layout {layout.value}.")
    from qpcli.sample import SamplePlan

    plan = SamplePlan(
        performance_year=year,
        beneficiaries=beneficiaries,
        lines_per_beneficiary=lines_per_beneficiary,
        seed=seed,
        format=format.value,
        as_of=options.day(as_of, "--as-of"),
    )
    with natives_tamed(session), watching(session) as watcher:
        written = _write(plan, layout, out, watcher)
    if json:
        _show_json(written)
    elif not quiet:
        _tell(written, layout, year)
    return 0


def _print_template(template: Template, *, has_market_options: bool) -> int:
    """The template on stdout; there is one so far."""
    from qpcli.sample.templates import other_payer_template

    if has_market_options:
        raise UsageError("QP104", f"--template {template.value} prints a table; --out and --year are for a market.")
    console.write(other_payer_template().encode())
    return 0


def _write(plan: SamplePlan, layout: SampleLayout, out: Path, watcher: Watcher) -> SampleWritten:
    from qpcli.sample import write_cclf_sample, write_rif_sample, write_sample

    writers = {
        SampleLayout.CANONICAL: write_sample,
        SampleLayout.CCLF: write_cclf_sample,
        SampleLayout.RIF: write_rif_sample,
    }
    with watcher.step(f"sample of {plan.beneficiaries:,} people"):
        return writers[layout](plan, out)


def _show_json(written: SampleWritten) -> None:
    from qpcli.reports.as_json import json_object

    console.write_json({"schema": JSON_VERSION, **json_object(written)})


def _tell(written: SampleWritten, layout: SampleLayout, year: int) -> None:
    from rich.text import Text

    folder = written.folder
    is_canonical = layout is SampleLayout.CANONICAL
    following = f"init {folder} --year {year}" if is_canonical else f"determine --config {folder / 'qpcli.toml'}"
    console.say(
        Text(f"{written.claim_line_count:,} claim lines in {folder}."),
        Text(f"Next: qpcli {following}"),
    )
