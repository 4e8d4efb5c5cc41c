"""The options that commands share: names, types and words; defaults stand in qpcli/configuration.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from qpcli.cli.session import LogFormat
from qpcli.errors import UsageError
from qpcli.request import Assignment, Engine, FailOn, KeptCells, Layout, ReportFormat
from qpcli.terms import ListType

INPUTS, LISTS, LAW, READING = "Inputs", "Lists", "Law", "Reading"
REPORTS, RESOURCES, TERMINAL = "Reports", "Resources", "Terminal"

KEEP_CELLS = "--keep-cells"


def with_value(arguments: Sequence[str]) -> list[str]:
    """The arguments with the value of --keep-cells where it stands alone: Typer knows no value that may be left out."""
    values = tuple(KeptCells)
    alone = {
        place
        for place, argument in enumerate(arguments)
        if argument == KEEP_CELLS and not (arguments[place + 1 :] and arguments[place + 1] in values)
    }
    return [f"{KEEP_CELLS}={KeptCells.LISTED}" if place in alone else arg for place, arg in enumerate(arguments)]


def option(panel: str, *names: str, help: str, metavar: str | None = None) -> Any:
    """An option in a group of the help; its default, where it matters, stands in the words."""
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=panel, show_default=False)


def argument(name: str, *, help: str) -> Any:
    """An argument by its name in the help."""
    return typer.Argument(metavar=name, help=help, show_default=False)


def day(text: str | None, name: str = "--law-as-of") -> date | None:
    """A day given as text to an option; UsageError QP101 for anything but a date."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise UsageError("QP101", f"{name} is not a date.", "Write it as YYYY-MM-DD.") from None


Claims = Annotated[
    list[str] | None,
    option(INPUTS, "--claims", metavar="PATH", help="Part B claim lines: a file, folder or quoted glob; repeatable."),
]
Beneficiaries = Annotated[
    str | None, option(INPUTS, "--beneficiaries", metavar="PATH", help="Beneficiaries and their coverage.")
]
Participants = Annotated[
    str | None, option(INPUTS, "--participants", metavar="PATH", help="Participation Lists: entity, TIN, NPI, dates.")
]
Attribution = Annotated[
    str | None, option(INPUTS, "--attribution", metavar="PATH", help="Beneficiaries attributed to each APM Entity.")
]
Entities = Annotated[
    str | None,
    option(INPUTS, "--entities", metavar="PATH", help="Facts of the APM Entities; without it all are Advanced."),
]
OtherPayer = Annotated[
    str | None,
    option(INPUTS, "--other-payer", metavar="PATH", help="Other payers' totals: the All-Payer Combination Option."),
]
Config = Annotated[
    Path | None,
    option(INPUTS, "--config", metavar="FILE", help="Configuration; default: the nearest qpcli.toml upward."),
]

Year = Annotated[int | None, option(LAW, "--year", metavar="YEAR", help="Performance year, such as 2025.")]
SnapshotNumbers = Annotated[
    list[int] | None,
    option(LAW, "--snapshot", metavar="1|2|3", help="Compute snapshots 1 to this one; default 3. The highest counts."),
]
LawAsOf = Annotated[
    str | None,
    option(LAW, "--law-as-of", metavar="DATE", help="Use the law as published by this day (YYYY-MM-DD)."),
]
Assume = Annotated[
    list[str] | None,
    option(LAW, "--assume", metavar="NAME=VALUE", help="Answer an open point of the law; repeatable."),
]
EmCodes = Annotated[
    Path | None, option(LAW, "--em-codes", metavar="FILE", help="Your own list of evaluation and management codes.")
]
PfsCodes = Annotated[
    Path | None,
    option(LAW, "--pfs-codes", metavar="FILE", help="Physician Fee Schedule file that says what is covered."),
]

LayoutChoice = Annotated[
    Layout | None,
    option(
        READING, "--layout", metavar="auto|canonical|store|cclf|rif|bcda", help="Layout of the claims; default auto."
    ),
]
Encoding = Annotated[
    str | None, option(READING, "--encoding", metavar="NAME", help="Encoding of CSV files; default utf-8.")
]
MaxRejects = Annotated[
    int | None,
    option(READING, "--max-rejects", metavar="N", help="Bad rows to leave out per table before stopping; default 0."),
]
Rejects = Annotated[
    Path | None, option(READING, "--rejects", metavar="DIR", help="Write bad rows here; they hold patient data.")
]

ApmEntity = Annotated[
    str | None, option(LISTS, "--apm-entity", metavar="ID", help="APM Entity of lists that do not name it.")
]
ListDate = Annotated[
    str | None,
    option(LISTS, "--list-date", metavar="DATE[..DATE]", help="Days on which a list without dates is valid."),
]
ListTypeChoice = Annotated[
    ListType | None,
    option(LISTS, "--list-type", metavar="participation|affiliated", help="Kind of a list that does not say it."),
]
Sheet = Annotated[str | None, option(LISTS, "--sheet", metavar="NAME", help="Sheet of a workbook with several lists.")]
AssignmentChoice = Annotated[
    Assignment | None,
    option(LISTS, "--assignment", metavar="prospective|retrospective", help="How an MSSP ACO's people are assigned."),
]
Shards = Annotated[
    int | None, option(REPORTS, "--shards", metavar="N", help="Parts of a new store, by beneficiary; default 16.")
]
TallyShards = Annotated[
    int | None,
    option(RESOURCES, "--shards", metavar="N", help="Tally in N parts, by beneficiary; default: as memory asks."),
]
Memory = Annotated[
    str | None,
    option(RESOURCES, "--memory", metavar="SIZE", help="Memory to keep to, such as 4G; default: what is free."),
]
EngineChoice = Annotated[
    Engine | None,
    option(RESOURCES, "--engine", metavar="local|spark", help="Tally here (default) or in Apache Spark."),
]
SparkMaster = Annotated[
    str | None,
    option(RESOURCES, "--spark-master", metavar="URL", help="Spark's master; default: spark-submit's, else local[*]."),
]

Out = Annotated[
    str | None,
    option(REPORTS, "--out", metavar="DIR|-", help="Write the reports here; `-` writes one table as CSV to stdout."),
]
Store = Annotated[
    str | None, option(REPORTS, "--out", metavar="DIR", help="The store: a new folder, or a store to add to.")
]
TallyFile = Annotated[str | None, option(REPORTS, "--out", metavar="FILE", help="Where the tally is written.")]
Tallies = Annotated[
    list[str] | None,
    option(INPUTS, "--tallies", metavar="PATH", help="Parts tallied before: a file, folder or glob; repeatable."),
]
ShardPart = Annotated[
    str | None, option(INPUTS, "--shard", metavar="K/N", help="Which part of the store's shards, such as 1/4.")
]
TableName = Annotated[
    str | None,
    option(REPORTS, "--table", metavar="NAME", help="Table for `--out -`; default determinations."),
]
Format = Annotated[
    ReportFormat | None,
    option(REPORTS, "--format", metavar="parquet|csv|xlsx", help="Format of the reports; default parquet."),
]
ExcelCsv = Annotated[
    bool, option(REPORTS, "--excel-csv", help="CSV that spreadsheets open as it is meant; text stays text.")
]
Share = Annotated[
    bool, option(REPORTS, "--share", help="Hide counts of 1 to 10 people and what would reveal them, everywhere.")
]
KeepCells = Annotated[
    KeptCells | None,
    option(
        REPORTS,
        KEEP_CELLS,
        metavar="[listed|all]",
        help="Keep sums per beneficiary (patient data) for later questions: of listed clinicians, or of all.",
    ),
]
OpeningKey = Annotated[
    Path | None,
    option(READING, "--encrypt-key-file", metavar="FILE", help="Open an encrypted run; the answer is not encrypted."),
]
KeyFile = Annotated[
    Path | None,
    option(REPORTS, "--encrypt-key-file", metavar="FILE", help="Encrypt what is written, and read what is encrypted."),
]
DryRun = Annotated[
    bool, option(REPORTS, "--dry-run", help="Check inputs, as `check` does, the folder and its lock; write nothing.")
]
Force = Annotated[bool, option(REPORTS, "--force", help="Compute even if the reports are up to date.")]
Wait = Annotated[
    float | None,
    option(REPORTS, "--wait", metavar="SECONDS", help="Wait so long for another run on the same folder; default 0."),
]
FailOnSeverity = Annotated[
    FailOn | None,
    option(REPORTS, "--fail-on", metavar="SEVERITY", help="Exit 1 from error (default), warning or info on, or never."),
]
AlertMargin = Annotated[
    float | None,
    option(
        REPORTS,
        "--alert-margin",
        metavar="PERCENT",
        help="Exit 1 if an APM Entity is below its QP bar or at most so many points above it.",
    ),
]

AsJson = Annotated[bool, option(TERMINAL, "--json", help="Print one JSON object on stdout.")]
Log = Annotated[
    LogFormat | None,
    option(TERMINAL, "--log-format", metavar="text|json", help="`json`: one object per line on stderr, for cron."),
]
Quiet = Annotated[bool, option(TERMINAL, "--quiet", "-q", help="Say nothing on stderr but errors.")]
Verbose = Annotated[bool, option(TERMINAL, "--verbose", "-v", help="Keep a line for each step, with its seconds.")]
Debug = Annotated[
    bool, option(TERMINAL, "--debug", help="On failure write the traceback to a file that only you can read.")
]
