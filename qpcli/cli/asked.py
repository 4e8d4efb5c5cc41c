"""From the settings that hold to the frozen request of one run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from qpcli.configuration import Settings, suggestion
from qpcli.errors import UsageError
from qpcli.memory import bytes_of
from qpcli.request import (
    ConversionRequest,
    Engine,
    EngineOptions,
    InputPaths,
    LawOptions,
    ListOptions,
    OutputOptions,
    Part,
    ReadOptions,
    ReportFormat,
    Resources,
    RunRequest,
    WorthRequest,
)
from qpcli.tables.all_payer_scores import ALL_PAYER_SCORES
from qpcli.tables.catalogue import OUTPUT_TABLES, WORTH_TABLES
from qpcli.tables.contributions import CONTRIBUTIONS
from qpcli.tables.determinations import DETERMINATIONS
from qpcli.tables.incentives import NPI_INCENTIVES
from qpcli.tables.schema import Table

NEEDED = ("year", "claims", "participants", "attribution")
HOW_TO_GIVE = "Give them as options, in the environment (QPCLI_...) or in qpcli.toml; `qpcli init` writes one."


def request_of(settings: Settings) -> RunRequest:
    """The request of a run; UsageError QP101 where something is missing."""
    return RunRequest(
        inputs=InputPaths(
            settings.claims,
            settings.beneficiaries,
            settings.participants,
            settings.attribution,
            settings.entities,
            settings.other_payer,
        ),
        law=_law(settings),
        reading=_reading(settings),
        output=_output(settings),
        last_snapshot=max(settings.snapshot, default=3),
        tallies=settings.tallies,
        resources=Resources(settings.shards, bytes_of(settings.memory) if settings.memory else None),
        engine=EngineOptions(settings.engine, settings.spark_master),
        key_file=_key_file(settings),
    )


def part_of(settings: Settings) -> Part:
    """Which part of the shards; UsageError QP101 for anything but K/N with K from 1 to N."""
    number, slash, count = (settings.shard or "").partition("/")
    if not (slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise UsageError("QP101", "--shard is not of the form K/N.", "Part 1 of 4 is 1/4.")
    return Part(int(number), int(count))


def tally_file(settings: Settings) -> Path:
    """Where a tally is written; UsageError QP101 when no file is named."""
    if settings.folder is None:
        raise UsageError("QP101", "Not given: --out FILE.", "A tally is written to a file.")
    return settings.folder


def conversion_of(settings: Settings) -> ConversionRequest:
    """The request of a conversion; UsageError QP101 where something is missing."""
    missing = [name for name, value in (("--claims", settings.claims), ("--out", settings.folder)) if not value]
    if settings.folder is None or missing:
        raise UsageError("QP101", f"Not given: {', '.join(missing)}.", HOW_TO_GIVE)
    return ConversionRequest(
        claims=settings.claims,
        folder=settings.folder,
        law=LawOptions(settings.year or 0, settings.law_as_of, settings.assume),
        beneficiaries=settings.beneficiaries,
        reading=_reading(settings),
        shard_count=settings.shards,
        is_forced=settings.force,
        wait_seconds=settings.wait,
        key_file=_key_file(settings),
    )


def _key_file(settings: Settings) -> Path | None:
    """Where the key lies; UsageError QP104 where something would be written beside it that is not encrypted."""
    if settings.encrypt_key_file is None:
        return None
    clashes = {
        "--rejects writes rows as they were delivered.": settings.rejects is not None,
        "Only Parquet is encrypted.": settings.report_format is not ReportFormat.PARQUET,
        "`--out -` writes CSV, which is not encrypted.": settings.writes_to_stdout,
        "--engine spark hands rows to its workers as they are.": settings.engine is Engine.SPARK,
    }
    for words, does_clash in clashes.items():
        if does_clash:
            raise UsageError("QP104", f"--encrypt-key-file: {words}")
    return settings.encrypt_key_file.absolute()


def worth_of(settings: Settings, run: Path) -> WorthRequest:
    """The request of `worth`; UsageError QP104 where options clash, QP101 for an unknown --table.

    A configuration that names the run's own folder as its output does not mean it as the place of this answer.
    """
    worth_table(settings)
    for does_clash, words in _clashes_on_stdout(settings):
        if does_clash:
            raise UsageError("QP104", words)
    output = _output(settings)
    if output.folder is not None and output.folder.resolve() == run.resolve():
        output = replace(output, folder=None)
    return WorthRequest(
        run=run,
        law=LawOptions(0, settings.law_as_of, settings.assume, pfs_codes=settings.pfs_codes),
        base_claims=settings.base_claims,
        base_amounts=settings.base_amounts,
        participants=settings.participants,
        payment_year=settings.payment_year,
        mips_adjustment=settings.mips_adjustment,
        shared_loss=settings.shared_loss,
        reading=_reading(settings),
        output=output,
        resources=Resources(settings.shards, bytes_of(settings.memory) if settings.memory else None),
        key_file=_key_file(settings),
    )


def stdout_table(settings: Settings) -> Table:
    """The table that `--out -` writes."""
    # Contributions come from kept cells, and cells are kept beside reports only.
    tables = [table for table in OUTPUT_TABLES if table is not CONTRIBUTIONS]
    return _named_table(settings.table or DETERMINATIONS.name, tables)


def worth_table(settings: Settings) -> Table:
    """The table that `worth --out -` writes."""
    return _named_table(settings.table or NPI_INCENTIVES.name, WORTH_TABLES)


def _named_table(name: str, among: Iterable[Table]) -> Table:
    tables = {table.name: table for table in among}
    if name not in tables:
        raise UsageError("QP101", "--table names no output table.", suggestion(name, tables))
    return tables[name]


def _law(settings: Settings) -> LawOptions:
    missing = [f"--{name}" for name in NEEDED if not getattr(settings, name)]
    if settings.year is None or missing:
        raise UsageError("QP101", f"Not given: {', '.join(missing)}.", HOW_TO_GIVE)
    return LawOptions(
        performance_year=settings.year,
        law_as_of=settings.law_as_of,
        assumptions=settings.assume,
        em_codes=settings.em_codes,
        pfs_codes=settings.pfs_codes,
    )


def _reading(settings: Settings) -> ReadOptions:
    return ReadOptions(
        layout=settings.layout,
        column_names=settings.columns,
        date_format=settings.formats.date,
        encoding=settings.encoding,
        max_rejects=settings.max_rejects,
        rejects_folder=settings.rejects.absolute() if settings.rejects is not None else None,
        lists=ListOptions(
            apm_entity_id=settings.apm_entity,
            dates=settings.list_date,
            list_type=settings.list_type,
            sheet=settings.sheet,
            assignment=settings.assignment,
            participation_types={code: word.replace(" ", "_") for code, word in settings.participation_types.items()},
        ),
    )


def _output(settings: Settings) -> OutputOptions:
    return OutputOptions(
        folder=settings.folder,
        format=settings.report_format,
        is_forced=settings.force,
        wait_seconds=settings.wait,
        kept_cells=settings.keep_cells,
        is_excel_csv=settings.excel_csv,
        is_shared=settings.share,
        fail_on=settings.fail_on,
        alert_margin=settings.alert_margin,
    )


_NO_OTHER_PAYERS = "--table all_payer_scores needs --other-payer."


def refuse_clashes(settings: Settings) -> None:
    """Raises UsageError: QP104 where options of `determine` clash, QP101 for an unknown --table."""
    stdout_table(settings)
    clashes = (
        *_clashes_on_stdout(settings),
        (settings.dry_run and settings.writes_to_stdout, "--dry-run writes no table, and `--out -` asks for one."),
        (settings.table == ALL_PAYER_SCORES.name and not settings.other_payer, _NO_OTHER_PAYERS),
        (settings.keep_cells is not None and settings.folder is None, "--keep-cells needs --out DIR."),
        (
            settings.keep_cells is not None and settings.share,
            "--keep-cells keeps patient data, and --share is to be shared.",
        ),
        (settings.keep_cells is not None and bool(settings.tallies), "--tallies hold no cells to keep."),
        (bool(settings.spark_master) and settings.engine is not Engine.SPARK, "--spark-master needs --engine spark."),
    )
    for does_clash, words in clashes:
        if does_clash:
            raise UsageError("QP104", words)


def _clashes_on_stdout(settings: Settings) -> tuple[tuple[bool, str], ...]:
    """What `--out -` and the terminal cannot do together."""
    to_stdout = settings.writes_to_stdout
    is_no_csv = settings.format is not ReportFormat.CSV and "format" in settings.model_fields_set
    return (
        (settings.json_ and to_stdout, "--json and `--out -` both want stdout."),
        (is_no_csv and to_stdout, "`--out -` writes CSV and no other format."),
        (is_no_csv and settings.excel_csv, "--excel-csv writes CSV and no other format."),
        (settings.table is not None and not to_stdout, "--table needs `--out -`."),
        (settings.quiet and settings.verbose, "--quiet and --verbose exclude each other."),
    )
