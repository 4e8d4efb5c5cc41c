"""`qpcli init`: a commented qpcli.toml from what a folder holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qpcli.cli import console
from qpcli.cli.options import Debug, argument, option
from qpcli.cli.session import session_of
from qpcli.errors import OutputError, UsageError

if TYPE_CHECKING:
    from qpcli.cli.recognise import Recognised

FILE = "File"
KEYS = {
    "claim_lines": ("claims", "Part B claim lines", "claim_lines"),
    "beneficiaries": ("beneficiaries", "Beneficiaries and their coverage", "beneficiaries.csv"),
    "participants": ("participants", "Participation Lists: entity, TIN, NPI, dates", "participants.csv"),
    "attribution": ("attribution", "Beneficiaries attributed to each APM Entity", "attribution.csv"),
    "entities": ("entities", "Facts of the APM Entities; without it all are Advanced", "entities.csv"),
    "other_payer": ("other_payer", "Other payers' totals: the All-Payer Combination Option", "other_payer.csv"),
    "base_amounts": ("base_amounts", "`qpcli worth`: npi, tin, amount of the base year", "base_amounts.csv"),
}
"""Input table -> key, words, and the example that stands where nothing was found."""
SELDOM = ("other_payer", "base_amounts")
"""Tables that most runs do without: nobody is told that they are not there."""

HEAD = """\
# Settings of qpcli. Paths are relative to this file.
# Options come first, then QPCLI_... variables, then this file; `qpcli determine --help` explains each key.
"""
TAIL = """\
# Reports
# out = "reports"                # a folder; without it the summary is shown and nothing is written
# format = "parquet"             # or "csv"
# fail_on = "error"              # exit 1 from this severity of findings: error, warning, info, never

# Reading
# max_rejects = 0                # bad rows to leave out per table before the run stops
# rejects = "rejects"            # a folder for bad rows; they hold patient data
# encoding = "utf-8"             # of CSV files

# Law
# snapshot = 3                   # compute snapshots 1 to this one
# law_as_of = 2026-02-03         # the law as published by this day
# em_codes = "em_codes.csv"      # your own list of evaluation and management codes

# [assume]                       # answers to open points of the law: `qpcli rules --year YEAR`
# claims_run_out_days = "91"

# [formats]
# date = "%m/%d/%Y"              # how dates are written in CSV files

# [columns.claims]               # canonical column = your column; tables: claims, beneficiaries, participants,
# npi = "RENDERING_NPI"          # attribution, entities, other_payer, base_amounts; `qpcli schema` lists the columns
"""


def init(
    ctx: typer.Context,
    folder: Annotated[Path, argument("FOLDER", help="Where the inputs are; default: here.")] = Path(),
    year: Annotated[int | None, option(FILE, "--year", metavar="YEAR", help="Performance year to write down.")] = None,
    force: Annotated[bool, option(FILE, "--force", help="Overwrite a qpcli.toml that is there.")] = False,
    debug: Debug = False,
) -> int:
    """Write a commented qpcli.toml for the inputs in a folder, recognised by their column names.

    Examples:
      qpcli init sample_data --year 2025 --force
      qpcli check --config sample_data/qpcli.toml
    """
    session_of(ctx).is_debugging = debug
    from qpcli.cli.recognise import recognise

    if not folder.is_dir():
        raise UsageError("QP101", f"{folder} is not a folder.")
    with console.natives_silenced():
        recognised = recognise(folder)
    path = folder / "qpcli.toml"
    _write(path, "".join(configuration_text(recognised.by_table, year)), is_forced=force)
    _tell(path, recognised)
    return 0


def configuration_text(by_table: Mapping[str, tuple[str, ...]], year: int | None) -> Iterator[str]:
    """The file, part by part; what is not known stands in it as a comment."""
    yield HEAD
    yield "\n# Performance year: nothing stands in for it.\n"
    yield "# year = 2025\n" if year is None else f"year = {year}\n"
    yield "\n# Inputs: a file, a folder, a glob in quotes, or a list of them.\n"
    for table, (key, words, example) in KEYS.items():
        found = by_table.get(table, ())
        line = f"{key} = {_toml(found)}" if found else f"# {key} = {_toml([example])}"
        yield f"{line:<40} # {words}\n"
    yield f"\n{TAIL}"


def _toml(names: Iterable[str]) -> str:
    """One string or a list of strings; JSON's way of writing them is TOML's."""
    texts = [json.dumps(name, ensure_ascii=False) for name in names]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _write(path: Path, text: str, *, is_forced: bool) -> None:
    from qpcli.reports.publishing import publish_file

    if path.exists() and not is_forced:
        raise OutputError("QP301", f"{path} is there already.", "Give --force to overwrite it.")
    publish_file(path, partial(_write_text, text))


def _write_text(text: str, path: Path) -> int:
    path.write_text(text, encoding="utf-8")
    return text.count("\n")


def _tell(path: Path, recognised: Recognised) -> None:
    from rich.text import Text

    lines = [f"{path} is written.\n"]
    for table, (key, _, _) in KEYS.items():
        names = recognised.by_table.get(table)
        if names or table not in SELDOM:
            lines.append(f"  {key:<14} {', '.join(names) if names else 'not found'}\n")
    if recognised.unknown:
        lines.append(f"  not recognised: {', '.join(recognised.unknown)}\n")
    lines.append(f"Next: qpcli check --config {path}")
    console.say(Text("".join(lines)))
