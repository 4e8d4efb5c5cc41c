"""A sample as monthly deliveries of a claim and claim line feed (CCLF), with the lists that stand beside it.

Everybody of the market is in the feed of one ACO, which no real feed has: so what is worked out from the feed can be
compared with the canonical sample of the same plan. The feed has no managed care months and no excluded amounts, tells
Medicare as secondary payer by lines only, denies institutional claims as a whole and withholds nothing from them.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from qpcli.regulation.performance_periods import load_performance_periods
from qpcli.sample import cclf_records as records
from qpcli.sample.clinicians import Roster, participants_frame, roster
from qpcli.sample.coverage import attribution_frame
from qpcli.sample.deliveries import DELIVERY_NUMBERS, Feed, delivered_month, delivered_on
from qpcli.sample.filed import filed_lines
from qpcli.sample.files import TableFile
from qpcli.sample.folders import new_folder
from qpcli.sample.identifiers import npi
from qpcli.sample.lines import FIRST, REPEATED, claim_lines_frame
from qpcli.sample.lists import assignment_rows, with_aco_ids, write_assignment_reports, write_roster
from qpcli.sample.market import entities_frame
from qpcli.sample.mbis import links_in, mbi_in, with_mbis
from qpcli.sample.months import months_frame
from qpcli.sample.people import people_frame
from qpcli.sample.plan import SamplePlan, SampleWritten
from qpcli.sample.settings import write_settings
from qpcli.sample.writing import Progress
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.entities import ENTITIES

FEED, ASSIGNMENT = "cclf", "assignment"
"""Folders of the feed and of the assignment reports."""
_INPUTS = {
    "claims": FEED,
    "participants": "Participant List.csv",
    "attribution": "attribution.csv",
    "entities": "entities.csv",
}
"""What the configuration says; the people are in the feed."""
_LOAD_DAYS = 4
"""From a claim's processing to its load, by which it is delivered."""
_OTHER_CLINICIAN = 99_999_999


def write_cclf_sample(plan: SamplePlan, out: Path, *, on_progress: Progress | None = None) -> SampleWritten:
    """Write the feed, its lists and reports to `out`, which is absent or empty; amounts are those of write_sample.

    Raises as write_sample does.
    """
    load_performance_periods().calendar(plan.performance_year)
    with new_folder(out, FEED, ASSIGNMENT):
        everybody = roster(plan)
        participants = with_aco_ids(participants_frame(everybody))
        lists = write_roster(participants, out)
        feed, assigned = Feed(out / FEED, plan.performance_year), []
        with (
            TableFile(out / f"{ENTITIES.name}.csv", ENTITIES) as entities,
            TableFile(out / f"{ATTRIBUTION.name}.csv", ATTRIBUTION) as attribution,
        ):
            entities.append(with_aco_ids(entities_frame(plan.performance_year)))
            for part in range(plan.part_count):
                people = with_mbis(people_frame(plan, *plan.part_range(part)), plan)
                listed = with_aco_ids(attribution_frame(people, plan))
                attribution.append(listed)
                assigned.append(assignment_rows(listed, plan))
                _deliver(feed, people, plan, everybody)
                if on_progress is not None:
                    on_progress(part + 1, plan.part_count)
        reports = write_assignment_reports(pl.concat(assigned), plan, out / ASSIGNMENT)
        deliveries = feed.close()
        settings = write_settings(out, plan.performance_year, _INPUTS)
    return SampleWritten(
        folder=out,
        files=(*deliveries, *lists, attribution.path, entities.path, *reports, settings),
        claim_line_count=feed.row_count("5") + feed.row_count("2"),
        beneficiary_row_count=feed.row_count("8"),
        participant_row_count=participants.height,
        attribution_row_count=attribution.row_count,
        entity_count=entities.row_count,
    )


def _deliver(feed: Feed, people: pl.DataFrame, plan: SamplePlan, everybody: Roster) -> None:
    """Deliver a range of people: their facts month by month, and their claims in the month after they were loaded."""
    months = months_frame(plan.performance_year)
    for number in DELIVERY_NUMBERS:
        feed.append(number, "8", records.demographics(_known_people(people, months, plan, number)))
        obsolete_on = delivered_on(number, plan.performance_year).replace(day=1)
        feed.append(number, "9", records.old_ids(links_in(people, number), obsolete_on=obsolete_on.isoformat()))
    lines = filed_lines(claim_lines_frame(people, plan, everybody), people, plan)
    other_npi = npi(plan.seed, _OTHER_CLINICIAN)
    for delivered in _with_deliveries(lines, people, plan).partition_by("delivered_in", maintain_order=True):
        number = delivered["delivered_in"][0]
        professional = delivered.filter("is_professional")
        institutional = delivered.filter(~pl.col("is_professional"))
        feed.append(number, "5", records.physician_lines(professional, other_npi=other_npi))
        feed.append(number, "B", records.reductions(professional))
        feed.append(number, "1", records.institutional_claims(institutional))
        feed.append(number, "2", records.revenue_centers(institutional))


def _known_people(people: pl.DataFrame, months: pl.DataFrame, plan: SamplePlan, number: int) -> pl.DataFrame:
    """One row per person in the feed by then, with the facts of the delivery's month."""
    today, year = delivered_on(number, plan.performance_year), plan.performance_year
    turns_65 = pl.col("birth_date").dt.offset_by("65y").dt.month_start()
    return (
        people.join(months.filter(pl.col("month") == delivered_month(number)), on="situation", maintain_order="left")
        .filter(pl.col("covered_from").is_null() | (pl.col("covered_from") <= today))
        .with_columns(
            filed_id=mbi_in(number),
            known_death_date=pl.when(pl.col("death_date") <= today).then("death_date"),
            entitled_from=pl.coalesce("covered_from", pl.min_horizontal(turns_65, pl.date(year, 1, 1))),
        )
    )


def _with_deliveries(lines: pl.DataFrame, people: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    """Add when each row is delivered and under which id; rows loaded after the last delivery are left out."""
    loaded = pl.col("loaded_date")
    number = (loaded.dt.year() - plan.performance_year) * 12 + loaded.dt.month()
    is_repeated = (pl.col("delivery") == REPEATED).cast(pl.Int32)
    return (
        _whole_claims_repeated(lines)
        .with_columns(loaded_date=pl.col("processed_date") + pl.duration(days=_LOAD_DAYS))
        .with_columns(number=number.clip(lower_bound=DELIVERY_NUMBERS[0]))
        .filter(pl.col("number") <= DELIVERY_NUMBERS[-1])
        .with_columns(delivered_in=(pl.col("number") + is_repeated).clip(upper_bound=DELIVERY_NUMBERS[-1]))
        .join(
            people.select("index", "old_id", "oldest_id", "changed_in", "first_changed_in"),
            on="index",
            maintain_order="left",
        )
        .with_columns(filed_id=mbi_in(pl.col("delivered_in")))
    )


def _whole_claims_repeated(lines: pl.DataFrame) -> pl.DataFrame:
    """An institutional claim is delivered a second time with all its lines, or they would not add up."""
    is_repeated = ~pl.col("is_professional") & (pl.col("delivery") == REPEATED)
    repeated = lines.filter(is_repeated).select("claim").unique()
    first = lines.filter(~pl.col("is_professional") & (pl.col("delivery") == FIRST))
    again = first.join(repeated, on="claim", how="semi").with_columns(
        delivery=pl.lit(REPEATED, lines.schema["delivery"])
    )
    return pl.concat([lines.filter(~is_repeated), again]).sort("line", "delivery", maintain_order=True)
