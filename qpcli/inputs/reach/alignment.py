"""REACH alignment reports (ALGC, ALGR) -> attribution: a later report replaces the earlier one from its month on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

import polars as pl

from qpcli.errors import InputError, UsageError
from qpcli.findings import Finding, finding
from qpcli.inputs.attribution_rows import (
    ListSpan,
    day_column,
    good,
    list_entity,
    list_not_used,
    read_plans,
    snapshot_findings,
    stacked,
)
from qpcli.inputs.canonical import TableRead
from qpcli.inputs.delivery_names import entity_of, first_match, names_of
from qpcli.inputs.fields import Fields, literal
from qpcli.inputs.files import FileForm, InputFile
from qpcli.inputs.list_tables import find_header, open_list, plain_name
from qpcli.inputs.parse import absent
from qpcli.inputs.plan import SourcePlan, make_plan, output_names
from qpcli.inputs.sources import Source
from qpcli.regulation.law import Law
from qpcli.request import ReadOptions
from qpcli.tables.attribution import ATTRIBUTION

LAYOUT = "REACH alignment report"
_REPORT = re.compile(r"(?:^|[._ -])(ALG[CR]|PALMR|TPARC|ALTPR|ALPAR)([0-9]{2})?(?=[._ -]|$)")
_ENTITY = re.compile(r"(?:^|[._ -])(D[0-9]{4})(?=[._ -]|$)")
_STAMPS = re.compile(r"\.(D([0-9]{6}))(?:\.(T[0-9]+))?(?=[._ -]|$)")
_MBI = ("beneficiarymbiid", "benembiid", "mbi")
_START = ("beneficiaryalignmenteffectivestartdate", "alignmenteffectivestartdate")
_END = ("beneficiaryalignmenteffectiveterminationdate", "alignmenteffectiveterminationdate")
_READ = ("ALGC", "ALGR")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AlignmentFile:
    """One report; what its name does not tell is None. `program_year` is the year that the report is about."""

    file: InputFile
    report: str
    apm_entity_id: str | None
    program_year: int | None
    report_date: date | None
    time_stamp: str

    @property
    def is_read(self) -> bool:
        """Whether it is a report of who is aligned, and not one about providers or payments."""
        return self.report in _READ

    @property
    def layout(self) -> str:
        """The layout's name for messages."""
        return LAYOUT if self.is_read else f"REACH {self.report}"


@dataclass(frozen=True, slots=True)
class _Report:
    """A report that counts, from the first day of its month until the next one's; None: open."""

    file: AlignmentFile
    apm_entity_id: str
    first_day: date | None
    last_day: date | None


def look_at(file: InputFile, options: ReadOptions) -> AlignmentFile | None:
    """The file as a REACH report, by its name, else by a header within its first rows; None when it is none.

    Raises QP216 for two entity ids in the names, and as `find_header` for workbooks.
    """
    names = names_of(file)
    report = first_match(names, _REPORT)
    if report is None and not _has_header(file, options):
        return None
    stamps = first_match(names, _STAMPS)
    return AlignmentFile(
        file,
        report[1] if report else "ALGC",
        entity_of(file, _ENTITY),
        int(f"20{report[2]}") if report and report[2] else None,
        _day(stamps[2]) if stamps else None,
        (stamps[3] or "") if stamps else "",
    )


def _has_header(file: InputFile, options: ReadOptions) -> bool:
    return file.form is FileForm.WORKBOOK and find_header(file, options, is_header=_is_header) is not None


def _is_header(names: tuple[str, ...]) -> bool:
    known = set(map(plain_name, names))
    return not known.isdisjoint(_MBI) and not known.isdisjoint(_START)


def _day(stamp: str) -> date | None:
    try:
        return datetime.strptime(stamp, "%y%m%d").date()  # noqa: DTZ007
    except ValueError:
        return None


def read_alignment(files: Sequence[AlignmentFile], options: ReadOptions, law: Law) -> TableRead:
    """Reads the reports; raises QP111 when the user must say more, QP213 without a report of alignment, QP2xx."""
    reports, replaced = _in_order([file for file in files if file.is_read], options)
    if not reports:
        raise InputError("QP213", "The REACH reports hold no alignment report (ALGC or ALGR).")
    plans = [_plan(report, options) for report in reports]
    read = read_plans(ATTRIBUTION, plans, options)
    aligned = [good(plan, rows) for plan, rows in zip(plans, read.frames, strict=True)]
    rows = [_while_in_force(people, report) for people, report in zip(aligned, reports, strict=True)]
    spans = [_span(report) for report in reports]
    findings = (
        *read.settled.findings,
        *_not_used(files),
        *replaced,
        *_not_aligned(aligned, rows),
        *snapshot_findings(spans, sorted({one.apm_entity_id for one in reports}), law),
    )
    return TableRead(stacked(rows), read.settled.files, read.settled.rejects, findings)


def _span(report: _Report) -> ListSpan:
    return ListSpan(
        apm_entity_id=report.apm_entity_id,
        file=report.file.file.name,
        first_day=report.first_day,
        last_day=report.last_day,
    )


def _in_order(files: Sequence[AlignmentFile], options: ReadOptions) -> tuple[list[_Report], list[Finding]]:
    """The reports that count with their days, and findings about those that another one replaces altogether."""
    told = [(file.apm_entity_id or list_entity(options, None, file.file.name), file) for file in files]
    in_time = sorted(told, key=lambda one: (one[0], _order(one[1])))
    reports: list[_Report] = []
    findings: list[Finding] = []
    for entity, group in groupby(in_time, key=lambda one: one[0]):
        own = [file for _, file in group]
        _check_dated(own)
        starts = [_month(file) for file in own]
        for place, (file, start) in enumerate(zip(own, starts, strict=True)):
            until = min((later for later in starts[place + 1 :] if later), default=None)
            if start and until and start >= until:
                why = "a later report, or one of the later year, replaces it"
                findings.append(list_not_used(file.file.name, why))
            else:
                reports.append(_Report(file, entity, start, until - _DAY if until else None))
    return _with_open_start(reports), findings


def _order(file: AlignmentFile) -> tuple[int, date, bool, date, str]:
    """By year and month; in a month the reconciliation comes last, else the later stamp.

    The reconciliation of a year is delivered in the next one and never replaces that year's reports.
    """
    day = file.report_date or date.min
    return file.program_year or day.year, day.replace(day=1), file.report == "ALGR", day, file.time_stamp


def _month(file: AlignmentFile) -> date | None:
    return file.report_date.replace(day=1) if file.report_date else None


def _check_dated(files: Sequence[AlignmentFile]) -> None:
    undated = [file.file.name for file in files if file.report_date is None]
    if undated and len(files) > 1:
        raise UsageError(
            "QP111",
            f"Of several alignment reports these tell no date: {', '.join(undated)}.",
            "Give them under CMS's names (P.D####.ALGC##.RP.Dyymmdd.T#######.xlsx).",
        )


def _with_open_start(reports: Sequence[_Report]) -> list[_Report]:
    """Before the first report of an APM Entity no other holds, so its own dates do."""
    seen: set[str] = set()
    opened = []
    for report in reports:
        is_first = report.apm_entity_id not in seen
        seen.add(report.apm_entity_id)
        start = None if is_first else report.first_day
        opened.append(_Report(report.file, report.apm_entity_id, start, report.last_day))
    return opened


def _plan(report: _Report, options: ReadOptions) -> SourcePlan:
    opened = open_list(report.file.file, options, is_header=_is_header)
    fields = Fields(Source((opened,), opened.columns))
    known = {plain_name(name): name for name in reversed(tuple(opened.columns))}
    mbi, starts, ends = ([known[name] for name in names if name in known] for names in (_MBI, _START, _END))
    columns = {
        "apm_entity_id": literal(ATTRIBUTION.column("apm_entity_id"), report.apm_entity_id),
        "bene_id": fields.column(ATTRIBUTION.column("bene_id"), *mbi),
        "start_date": day_column(fields, ATTRIBUTION.column("start_date"), *starts),
        "end_date": day_column(fields, ATTRIBUTION.column("end_date"), *ends),
        "is_prospective": literal(ATTRIBUTION.column("is_prospective"), True),
    }
    every = tuple(columns.get(column.name, absent(column)) for column in ATTRIBUTION.columns)
    return make_plan(ATTRIBUTION, fields.source, every)


def _while_in_force(people: pl.DataFrame, report: _Report) -> pl.DataFrame:
    """The alignments cut to the days on which the report counts."""
    start = pl.max_horizontal("start_date", pl.lit(report.first_day, dtype=pl.Date))
    end = pl.min_horizontal("end_date", pl.lit(report.last_day, dtype=pl.Date))
    cut = people.with_columns(start.alias("start_date"), end.alias("end_date"))
    return cut.filter((pl.col("start_date") <= pl.col("end_date")).fill_null(True)).select(output_names(ATTRIBUTION))


def _not_aligned(aligned: Sequence[pl.DataFrame], rows: Sequence[pl.DataFrame]) -> Iterator[Finding]:
    count = sum(frame.height for frame in aligned) - sum(frame.height for frame in rows)
    if count:
        rule = "aligned on no day on which the report counts"
        yield finding("rows_left_out", table=ATTRIBUTION.name, rule=rule, count=count)


def _not_used(files: Sequence[AlignmentFile]) -> list[Finding]:
    return [
        finding("file_not_used", rule=file.file.name, file=file.file.name, layout=file.layout)
        for file in files
        if not file.is_read
    ]
