"""What readers of attribution lists share: rows of the table, plain fields, and which list counts at a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from qpcli.errors import UsageError
from qpcli.findings import Finding, finding
from qpcli.inputs.canonical import TableRead
from qpcli.inputs.fields import Fields
from qpcli.inputs.list_dates import list_date
from qpcli.inputs.parse import ParsedColumn, absent, output_name, output_type
from qpcli.inputs.plan import SourcePlan, output_names
from qpcli.inputs.table_scan import Settled, planned_scan
from qpcli.regulation.law import Law
from qpcli.request import Assignment, ReadOptions
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.schema import Column, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSpan:
    """A list with the days on which it counts, None where open.

    `is_own` is false where it stands in for another; `words` then say which list it is.
    """

    apm_entity_id: str
    file: str
    first_day: date | None
    last_day: date | None
    is_own: bool = True
    words: str = ""

    def holds(self, day: date) -> bool:
        """Whether the list counts on a day."""
        return (self.first_day or day) <= day <= (self.last_day or day)


def attribution_rows(
    people: pl.DataFrame, *, apm_entity_id: str, first_day: date | None, last_day: date | None, is_prospective: bool
) -> pl.DataFrame:
    """One row of the attribution table per distinct bene_id of `people`, all with the same span."""
    return completed(
        people.select("bene_id")
        .unique(maintain_order=True)
        .with_columns(
            apm_entity_id=pl.lit(apm_entity_id),
            start_date=pl.lit(first_day, dtype=pl.Date),
            end_date=pl.lit(last_day, dtype=pl.Date),
            is_prospective=pl.lit(is_prospective),
        )
    )


def completed(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows in the columns of the attribution table; those that no list has are null."""
    types = {output_name(column): output_type(column) for column in ATTRIBUTION.columns}
    absent_ones = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in types.items() if name not in rows.columns]
    return rows.with_columns(absent_ones).select(output_names(ATTRIBUTION))


def stacked(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Attribution rows of several lists, none of them included."""
    return pl.concat([completed(pl.DataFrame(schema={"bene_id": pl.String()})), *frames])


def day_column(fields: Fields, column: Column, *names: str) -> ParsedColumn:
    """A column of dates, MM/DD/YYYY or ISO; absent when the file has none of the names."""
    return list_date(column, fields.text(*names), None) if fields.name_of(*names) else absent(column)


@dataclass(frozen=True, slots=True)
class PlansRead:
    """Rows of `checked` per plan, in the order of the plans, and what the files held."""

    frames: tuple[pl.DataFrame, ...]
    settled: Settled


def read_plans(table: Table, plans: Sequence[SourcePlan], options: ReadOptions) -> PlansRead:
    """Reads each plan whole; raises QP202, QP203, QP208 or QP213."""
    scan = planned_scan(table, plans, options)
    with scan.reading():
        *frames, quality = pl.collect_all([*(plan.checked for plan in plans), scan.quality], engine="streaming")
    return PlansRead(tuple(frames), scan.settle(quality.row(0, named=True)))


def good(plan: SourcePlan, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of a plan that are rows of its table."""
    return rows.filter(plan.is_good)


def merged(reads: Sequence[TableRead]) -> TableRead:
    """Several reads of the attribution table as one."""
    return TableRead(
        stacked([read.frame for read in reads]),
        tuple(count for read in reads for count in read.files),
        tuple(rejects for read in reads for rejects in read.rejects),
        tuple(found for read in reads for found in read.findings),
    )


def assignment_of(options: ReadOptions) -> Assignment:
    """How an MSSP ACO's people are assigned; raises QP111 when the user did not say."""
    if options.lists.assignment is None:
        raise UsageError(
            "QP111",
            "MSSP assignment lists do not say whether people are assigned prospectively or retrospectively.",
            "Give --assignment prospective or --assignment retrospective.",
        )
    return options.lists.assignment


def list_dates(options: ReadOptions, file_name: str) -> tuple[date, date]:
    """The first and last day of a list that does not say; raises QP111 when the user did not either."""
    if options.lists.dates is None:
        raise UsageError("QP111", f"{file_name} does not say when the list is valid.", "Give --list-date FIRST..LAST.")
    return options.lists.dates


def list_entity(options: ReadOptions, told: str | None, file_name: str) -> str:
    """The APM Entity of a list: as the user says, else as its name does; raises QP111 when neither does."""
    entity = options.lists.apm_entity_id or told
    if entity is None:
        raise UsageError("QP111", f"{file_name} does not say whose list it is.", "Give --apm-entity ID.")
    return entity


def list_not_used(file: str, why: str) -> Finding:
    """A list that attributes nobody, and why."""
    return finding("list_not_used", table=ATTRIBUTION.name, rule=file, file=file, why=why)


def snapshot_findings(spans: Iterable[ListSpan], entities: Iterable[str], law: Law) -> Iterator[Finding]:
    """Which list of each APM Entity counts at each snapshot, or that none does."""
    known = list(spans)
    for entity in entities:
        own = [span for span in known if span.apm_entity_id == entity]
        for snapshot in law.snapshots:
            takes_latest = law.assumed("attribution_list_date") == "latest"
            day = law.snapshots[-1].date if takes_latest else snapshot.date
            yield from _at_snapshot(entity, str(snapshot.number), [span for span in own if span.holds(day)])


def _at_snapshot(entity: str, rule: str, found: Sequence[ListSpan]) -> Iterator[Finding]:
    table = ATTRIBUTION.name
    if not found:
        yield finding("list_missing", table=table, rule=rule, entity=entity)
    for span in found:
        yield finding("list_in_force", table=table, rule=rule, file=span.file)
        if not span.is_own:
            yield finding("list_stands_in", table=table, rule=rule, entity=entity, list=span.words)
