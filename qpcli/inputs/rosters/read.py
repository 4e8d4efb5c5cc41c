"""Participant lists of all files -> participants, and what they leave open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from qpcli.errors import UsageError
from qpcli.findings import Finding, finding
from qpcli.inputs.attribution_rows import list_dates
from qpcli.inputs.canonical import TableRead
from qpcli.inputs.files import InputFile
from qpcli.inputs.frame_scan import FrameFile
from qpcli.inputs.rosters.names import entity_id_in
from qpcli.inputs.rosters.rows import Told, roster_counts, roster_plan
from qpcli.inputs.rosters.tidy import Roster, open_roster
from qpcli.inputs.table_scan import planned_scan
from qpcli.regulation.law import Law
from qpcli.request import ReadOptions
from qpcli.tables.participants import PARTICIPANTS
from qpcli.terms import ListType

_TABLE = PARTICIPANTS.name


def read_rosters(files: Sequence[InputFile], options: ReadOptions, law: Law) -> TableRead:
    """Reads participant lists whole. `npi` is null only where a list has TINs alone (finding `tin_only_list`).

    Raises QP111 for what neither the lists nor the options say, and the QP2xx errors.
    """
    rosters = [open_roster(file, options) for file in files]
    told = [_told(roster, options) for roster in rosters]
    plans = [roster_plan(roster, words, options, law) for roster, words in zip(rosters, told, strict=True)]
    scan = planned_scan(PARTICIPANTS, plans, options, roster_counts)
    with scan.reading():
        frame, quality = pl.collect_all([scan.rows, scan.quality], engine="streaming")
    settled = scan.settle(quality.row(0, named=True))
    listed = _with_needed_tins(frame)
    findings = (
        *settled.findings,
        *encoding_findings(_TABLE, [roster.file for roster in rosters]),
        *_date_findings(rosters, told),
        *_tin_findings(frame, listed),
    )
    return TableRead(listed, settled.files, settled.rejects, findings)


def _told(roster: Roster, options: ReadOptions) -> Told:
    """What stands for all rows of a list: out of the name of its file, else out of the options."""
    name = roster.file.file.name
    entity = None if roster.column("apm_entity_id") else entity_id_in(name) or options.lists.apm_entity_id
    if entity is None and roster.column("apm_entity_id") is None:
        raise UsageError("QP111", f"{name} does not say whose list it is.", "Give --apm-entity ID.")
    dates = None if roster.column("start_date") else list_dates(options, name)
    return Told(entity, dates, options.lists.list_type or ListType.PARTICIPATION)


def _with_needed_tins(frame: pl.DataFrame) -> pl.DataFrame:
    """Without TINs alone of an APM Entity that another list gives with its NPIs."""
    named = frame.filter(pl.col("npi").is_not_null())["apm_entity_id"].unique()
    return frame.filter(pl.col("npi").is_not_null() | ~pl.col("apm_entity_id").is_in(named.implode()))


def _tin_findings(read: pl.DataFrame, listed: pl.DataFrame) -> Iterator[Finding]:
    if left_out := read.height - listed.height:
        words = "they name TINs alone, and another list of the APM Entity has its NPIs"
        yield finding("rows_left_out", table=_TABLE, rule=words, count=left_out)
    if tins := listed["npi"].null_count():
        yield finding("tin_only_list", table=_TABLE, rule="npi", count=tins)


def _date_findings(rosters: Sequence[Roster], told: Sequence[Told]) -> Iterator[Finding]:
    """One finding: the days are the same for all lists without dates."""
    undated = [
        (roster.file.row_count, words.dates)
        for roster, words in zip(rosters, told, strict=True)
        if words.dates is not None
    ]
    if undated:
        first, last = undated[0][1]
        day = str(first) if first == last else f"{first} to {last}"
        count = sum(rows for rows, _ in undated)
        yield finding("list_without_dates", table=_TABLE, rule="start_date", count=count, date=day)


def encoding_findings(table: str, files: Sequence[FrameFile]) -> Iterator[Finding]:
    """A finding per file that was not in the encoding it should be in."""
    for file in files:
        if file.encoding is not None:
            words = f"in {file.file.name}, which is not UTF-8 and was read as {file.encoding}"
            yield finding("counted_for_record", table=table, rule=words, count=file.row_count)
