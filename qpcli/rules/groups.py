"""Groups of clinicians whose services a Threshold Score adds up: G of 42 CFR 414.1435, by level (414.1425).

A group is an APM Entity's group, one clinician or, for the All-Payer Combination Option, one TIN. Every frame here
begins from listings: one row per entity, list, TIN and NPI that is not ignored, `is_in_k` telling that it is in the
group of an entity that counts at snapshot k.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.entity_sets import EntitySets, em_sets, entity_sets
from qpcli.rules.group_keys import OF_CLINICIANS, OF_ENTITIES, group_key, group_key_bound
from qpcli.rules.numbering import BLANK_TIN, KEY, Numbering
from qpcli.rules.snapshots import at, days_from, each
from qpcli.rules.truths import truths, words
from qpcli.terms import IndividualAssessment, Level, ListType, Snapshot

BEYOND_THE_PERIOD = 400
"""A day after the last of the period: an APM that does not stop being tested."""
_MORE_THAN_ANY_KEY = 2**32


@dataclass(frozen=True, slots=True)
class Roster:
    """The listings of a run, and how many code sets its entities attribute on.

    `submitted_tins`, `submitted_npis`: those for whom other payers' amounts were submitted.
    """

    listings: pl.LazyFrame
    numbering: Numbering
    em_set_count: int
    submitted_tins: tuple[str, ...] = ()
    submitted_npis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Groups:
    """The assessed groups of a run.

    `groups`: one row per group: level, entity, clinician and TIN (null where the level has none), whether it is
    assessed and how many clinicians it has at each snapshot.
    `lines`: one row per group, clinician and TIN key, which is null where lines under any TIN belong: at which
    snapshots and on which days its lines belong, and which code sets its entities attribute on.
    `entities`: one row per group and entity whose attribution it shares at each snapshot; `sets` are of these.
    `key_bound`: more than any group key.
    """

    groups: pl.LazyFrame
    lines: pl.LazyFrame
    entities: pl.LazyFrame
    sets: EntitySets
    key_bound: int


@dataclass(frozen=True, slots=True)
class _Level:
    """The groups of one level, see Groups."""

    groups: pl.LazyFrame
    lines: pl.LazyFrame
    entities: pl.LazyFrame


def listings(entries: pl.LazyFrame, entities: pl.LazyFrame, numbering: Numbering, law: Law) -> pl.LazyFrame:
    """List entries that are not ignored, with keys and the facts of the entity."""
    first_day = law.period.first_day
    facts = entities.with_columns(
        from_day=days_from(first_day, pl.col("active_from")).fill_null(0).clip(lower_bound=0),
        to_day=days_from(first_day, pl.col("active_to")).fill_null(BEYOND_THE_PERIOD),
    ).drop("has_participation_list")
    return (
        entries.filter(~pl.col("is_ignored"))
        .join(facts, on="apm_entity_id")
        .join(numbering.clinicians.lazy(), on="npi")
        .join(numbering.tins.lazy(), on="tin", how="left")
        .with_columns(each(law, "is_in", lambda s: pl.col(at("is_member", s)) & pl.col(at("counts", s))))
    )


def assessed_groups(roster: Roster, law: Law) -> Groups:
    """The groups of every level that the law of the year assesses."""
    levels = [apm_entity_groups(roster, law), *INDIVIDUAL_ASSESSMENTS[law.individual_assessment](roster, law)]
    levels += [tin_groups(roster, law)] if roster.submitted_tins else []
    levels += ALL_PAYER_CLINICIANS[law.individual_assessment](roster, law) if roster.submitted_npis else []
    parts = [(level.groups, level.lines, level.entities) for level in levels]
    of_year, lines, entities = (pl.concat(frames) for frames in zip(*parts, strict=True))
    has_submitted = bool(roster.submitted_tins or roster.submitted_npis)
    bound = group_key_bound(roster.numbering, has_submitted=has_submitted)
    return made_of(of_year, lines, entities, law, em_set_count=roster.em_set_count, key_bound=bound)


def made_of(
    groups: pl.LazyFrame, lines: pl.LazyFrame, entities: pl.LazyFrame, law: Law, *, em_set_count: int, key_bound: int
) -> Groups:
    """Groups with what their entities tell; `lines` as in Groups, without code sets."""
    with_sets = lines.join(em_sets(entities, law, em_set_count), on="group_key")
    return Groups(groups, with_sets, entities, entity_sets(entities, law), key_bound)


def restricted(groups: Groups, keys: pl.LazyFrame) -> Groups:
    """The groups whose keys are named, one row each."""

    def named(frame: pl.LazyFrame) -> pl.LazyFrame:
        return frame.join(keys, on="group_key", how="semi")

    return replace(groups, groups=named(groups.groups), lines=named(groups.lines), entities=named(groups.entities))


def under_seen_tins(groups: Groups, clinician_tins: pl.LazyFrame) -> Groups:
    """The groups with lines under any TIN told apart by TIN.

    `clinician_tins`: one row per clinician and TIN key under which a line was seen.
    """
    is_any = pl.col("tin_key").is_null()
    told = groups.lines.filter(is_any).drop("tin_key").join(clinician_tins, on="clinician_key")
    listed = groups.lines.filter(~is_any)
    return replace(groups, lines=pl.concat([listed, told.select(listed.collect_schema().names())]))


def apm_entity_groups(roster: Roster, law: Law) -> _Level:
    """The group of each entity with a Participation List (414.1425(b)(1))."""
    listed = roster.listings.filter(pl.col("list_type") == ListType.PARTICIPATION.value)
    keyed = _keyed(listed, roster, Level.APM_ENTITY)
    return _Level(_groups(keyed, law), _listed_lines(keyed, law), _entities(keyed, law))


def affiliated_practitioners_from_2017(roster: Roster, law: Law) -> _Level:
    """Each clinician of an entity that has only an Affiliated Practitioner List (414.1425(b)(2), (d)(2))."""
    listed = roster.listings.filter(pl.col("list_type") == ListType.AFFILIATED.value)
    keyed = _keyed(listed, roster, Level.AFFILIATED_PRACTITIONER)
    return _Level(_groups(keyed, law), _listed_lines(keyed, law), _entities(keyed, law))


def clinicians_of_several_entities_from_2017(roster: Roster, law: Law) -> _Level:
    """Clinicians in two or more Advanced APM Entities, at the third snapshot over the full period (414.1425(c)(4)).

    A terminated entity still makes the clinician one of several; lines and people come from the remaining ones.
    That none of them has QP status is asked when their scores are there.
    """
    third = law.snapshots[-1]
    listed = roster.listings.filter(pl.col("list_type") == ListType.PARTICIPATION.value)
    is_advanced = pl.col(at("is_member", third)) & pl.col(at("is_advanced_and_tested", third))
    entity_count = listed.filter(is_advanced).group_by("clinician_key").agg(pl.col("entity_key").n_unique())
    several = entity_count.filter(pl.col("entity_key") >= 2).select("clinician_key")
    remaining = _only_at_third(listed.join(several, on="clinician_key"), law).filter(pl.col(at("is_in", third)))
    return _of_clinicians(_keyed(_whole_period(remaining), roster, Level.INDIVIDUAL), law)


def _of_clinicians(keyed: pl.LazyFrame, law: Law) -> _Level:
    """The groups of single clinicians, each with its lines by the open point individual_claims."""
    all_tins = law.assumed("individual_claims") == "all_tins"
    lines = _lines_under_all_tins(keyed, law) if all_tins else _listed_lines(keyed, law)
    return _Level(_groups(keyed, law), lines, _entities(keyed, law))


def tin_groups(roster: Roster, law: Law) -> _Level:
    """The clinicians of each submitted TIN within an APM Entity's group, in the entity's window (414.1440)."""
    listed = roster.listings.filter(pl.col("list_type") == ListType.PARTICIPATION.value)
    submitted = listed.filter(pl.col("tin").is_in(roster.submitted_tins), pl.col("tin_key").is_not_null())
    keyed = _keyed(submitted, roster, Level.TIN)
    return _Level(_groups(keyed, law), _listed_lines(keyed, law), _entities(keyed, law))


def clinicians_of_entities_from_2017(roster: Roster, law: Law) -> _Level:
    """Each submitted clinician on a Participation List, whatever the number of entities (414.1440)."""
    listed = roster.listings.filter(pl.col("list_type") == ListType.PARTICIPATION.value)
    submitted = listed.filter(pl.col("npi").is_in(roster.submitted_npis))
    return _of_clinicians(_keyed(_whole_period(submitted), roster, Level.NPI), law)


def every_listed_clinician_from_2026(roster: Roster, law: Law) -> _Level:
    """Every clinician on a list of either kind, all lines of the NPI across all TINs (414.1425(c)(3)(ii))."""
    at_third = law.assumed("individual_snapshots") == "third"
    listed = _only_at_third(roster.listings, law) if at_third else roster.listings
    keyed = _keyed(_whole_period(listed), roster, Level.INDIVIDUAL)
    return _Level(_groups(keyed, law), _lines_under_all_tins(keyed, law), _entities(keyed, law))


def _individuals_from_2017(roster: Roster, law: Law) -> list[_Level]:
    affiliated = affiliated_practitioners_from_2017(roster, law)
    if not is_third(law, law.snapshots[-1]):
        return [affiliated]
    return [affiliated, clinicians_of_several_entities_from_2017(roster, law)]


def _individuals_from_2026(roster: Roster, law: Law) -> list[_Level]:
    return [every_listed_clinician_from_2026(roster, law)]


INDIVIDUAL_ASSESSMENTS: dict[IndividualAssessment, Callable[[Roster, Law], list[_Level]]] = {
    IndividualAssessment.CLINICIANS_OF_SEVERAL_ENTITIES_FROM_2017: _individuals_from_2017,
    IndividualAssessment.EVERY_LISTED_CLINICIAN_FROM_2026: _individuals_from_2026,
}

ALL_PAYER_CLINICIANS: dict[IndividualAssessment, Callable[[Roster, Law], list[_Level]]] = {
    IndividualAssessment.CLINICIANS_OF_SEVERAL_ENTITIES_FROM_2017: lambda roster, law: [
        clinicians_of_entities_from_2017(roster, law)
    ],
    IndividualAssessment.EVERY_LISTED_CLINICIAN_FROM_2026: lambda _roster, _law: [],
}
"""Groups of submitted clinicians beside those of the Medicare Option, which from 2026 on has every listed one."""


def is_third(law: Law, snapshot: Snapshot) -> bool:
    """The third snapshot is the one that ends the period (414.1425(b)(1))."""
    return snapshot.date == law.period.last_day


def members(listings: pl.LazyFrame, snapshot: Snapshot, *more: str) -> pl.LazyFrame:
    """One row per APM Entity and clinician in its group at a snapshot, and per value of the columns named beside."""
    is_participation = pl.col("list_type") == ListType.PARTICIPATION.value
    found = listings.filter(is_participation & pl.col(at("is_in", snapshot)))
    found = found.select("entity_key", "clinician_key", *more).unique()
    return found.with_columns(snapshot=pl.lit(snapshot.number, pl.Int64))


def _keyed(listed: pl.LazyFrame, roster: Roster, level: Level) -> pl.LazyFrame:
    """Listings with the group each belongs to; the level's own entity, clinician and TIN, null where it has none."""
    no_key = pl.lit(None, KEY)
    return listed.with_columns(
        group_key=group_key(level, roster.numbering),
        level=pl.lit(level.value),
        group_entity_key=pl.col("entity_key") if level in OF_ENTITIES else no_key,
        group_clinician_key=pl.col("clinician_key") if level in OF_CLINICIANS else no_key,
        group_tin_key=pl.col("tin_key") if level is Level.TIN else no_key,
    )


def _only_at_third(listed: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    return listed.with_columns(pl.lit(False).alias(at("is_in", s)) for s in law.snapshots if not is_third(law, s))


def _whole_period(listed: pl.LazyFrame) -> pl.LazyFrame:
    """Individuals are assessed from Jan 1 to the snapshot, whatever days their entities were tested (414.1425(c))."""
    return listed.with_columns(from_day=pl.lit(0, pl.Int64), to_day=pl.lit(BEYOND_THE_PERIOD, pl.Int64))


def _groups(keyed: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    members = pl.col("clinician_key")
    of_group = ("group_entity_key", "group_clinician_key", "group_tin_key")
    grouped = keyed.group_by("group_key", "level", *of_group).agg(
        *each(law, "is_assessed", lambda s: pl.col(at("is_in", s)).any()),
        *each(law, "clinician_count", lambda s: members.filter(pl.col(at("is_in", s))).n_unique()),
    )
    return grouped.rename({name: name.removeprefix("group_") for name in of_group})


def _listed_lines(keyed: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """Lines under the listed TIN/NPI pairs, and institutional lines without a TIN of the listed NPIs."""
    listed = keyed.filter(pl.col("tin_key").is_not_null())
    without_tin = keyed.with_columns(tin_key=pl.lit(BLANK_TIN, KEY))
    return _belonging(pl.concat([listed, without_tin]), law)


def _lines_under_all_tins(keyed: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """All lines of the listed NPIs, whatever TIN they were billed under."""
    return _belonging(keyed.with_columns(tin_key=pl.lit(None, KEY)), law)


def _belonging(lines: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    return lines.group_by("group_key", "clinician_key", "tin_key").agg(
        pl.col("from_day", "to_day").first(), *each(law, "is_in", lambda s: pl.col(at("is_in", s)).any())
    )


def _entities(keyed: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    facts = pl.col("em_set", "removes_prospective_elsewhere").first()
    is_in = each(law, "is_in", lambda s: pl.col(at("is_in", s)).any())
    return keyed.group_by("group_key", "entity_key").agg(facts, *is_in)


def lines_of_groups(cells: pl.LazyFrame, lines: pl.LazyFrame) -> pl.LazyFrame:
    """One row per cell and group that it belongs to, within the days on which the entity of the group was tested.

    `lines` as in Groups. One integer stands for clinician and TIN: joining by two columns takes twice as long.
    """
    pair = pl.col("clinician_key").cast(pl.UInt64) * _MORE_THAN_ANY_KEY + pl.col("tin_key")
    is_truth = [name for name, dtype in lines.collect_schema().items() if dtype == pl.Boolean]
    belonging, held = lines.with_columns(**words(is_truth)).drop(is_truth), list(words(is_truth))
    listed, all_tins = pl.col("tin_key").is_not_null(), pl.col("tin_key").is_null()
    paired = belonging.filter(listed).with_columns(pair=pair).drop("clinician_key", "tin_key")
    under_all = belonging.filter(all_tins).drop("tin_key")
    keyed = cells.with_columns(pair=pair)
    joined = pl.concat([keyed.join(paired, on="pair"), keyed.join(under_all, on="clinician_key")])
    tested = joined.filter(pl.col("day").cast(pl.Int64).is_between(pl.col("from_day"), pl.col("to_day")))
    return tested.with_columns(truths(is_truth)).drop(held)
