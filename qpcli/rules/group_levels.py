"""The groups of each level that a law may assess: APM Entities, clinicians and TINs (42 CFR 414.1425, 414.1440)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.group_keys import OF_CLINICIANS, OF_ENTITIES, group_key
from qpcli.rules.listings import BEYOND_THE_PERIOD, Roster
from qpcli.rules.numbering import BLANK_TIN, KEY
from qpcli.rules.snapshots import at, each, is_third
from qpcli.terms import IndividualAssessment, Level, ListType


@dataclass(frozen=True, slots=True)
class LevelGroups:
    """The groups of one level, in the frames of groups.Groups."""

    groups: pl.LazyFrame
    lines: pl.LazyFrame
    entities: pl.LazyFrame


def assessed_levels(roster: Roster, law: Law) -> list[LevelGroups]:
    """The levels that the law of the year assesses, with those of other payers where something was submitted."""
    levels = [apm_entity_groups(roster, law), *INDIVIDUAL_ASSESSMENTS[law.individual_assessment](roster, law)]
    levels += [tin_groups(roster, law)] if roster.submitted_tins else []
    levels += ALL_PAYER_CLINICIANS[law.individual_assessment](roster, law) if roster.submitted_npis else []
    return levels


def apm_entity_groups(roster: Roster, law: Law) -> LevelGroups:
    """The group of each entity with a Participation List (414.1425(b)(1))."""
    listed = roster.listings.filter(pl.col("list_type") == ListType.PARTICIPATION.value)
    keyed = _keyed(listed, roster, Level.APM_ENTITY)
    return LevelGroups(_groups(keyed, law), _listed_lines(keyed, law), _entities(keyed, law))


def affiliated_practitioners_from_2017(roster: Roster, law: Law) -> LevelGroups:
    """Each clinician of an entity that has only an Affiliated Practitioner List (414.1425(b)(2), (d)(2))."""
    listed = roster.listings.filter(pl.col("list_type") == ListType.AFFILIATED.value)
    keyed = _keyed(listed, roster, Level.AFFILIATED_PRACTITIONER)
    return LevelGroups(_groups(keyed, law), _listed_lines(keyed, law), _entities(keyed, law))


def clinicians_of_several_entities_from_2017(roster: Roster, law: Law) -> LevelGroups:
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


def _of_clinicians(keyed: pl.LazyFrame, law: Law) -> LevelGroups:
    """The groups of single clinicians, each with its lines by the open point individual_claims."""
    all_tins = law.assumed("individual_claims") == "all_tins"
    lines = _lines_under_all_tins(keyed, law) if all_tins else _listed_lines(keyed, law)
    return LevelGroups(_groups(keyed, law), lines, _entities(keyed, law))


def tin_groups(roster: Roster, law: Law) -> LevelGroups:
    """The clinicians of each submitted TIN within an APM Entity's group, in the entity's window (414.1440)."""
    listed = roster.listings.filter(pl.col("list_type") == ListType.PARTICIPATION.value)
    submitted = listed.filter(pl.col("tin").is_in(roster.submitted_tins), pl.col("tin_key").is_not_null())
    keyed = _keyed(submitted, roster, Level.TIN)
    return LevelGroups(_groups(keyed, law), _listed_lines(keyed, law), _entities(keyed, law))


def clinicians_of_entities_from_2017(roster: Roster, law: Law) -> LevelGroups:
    """Each submitted clinician on a Participation List, whatever the number of entities (414.1440)."""
    listed = roster.listings.filter(pl.col("list_type") == ListType.PARTICIPATION.value)
    submitted = listed.filter(pl.col("npi").is_in(roster.submitted_npis))
    return _of_clinicians(_keyed(_whole_period(submitted), roster, Level.NPI), law)


def every_listed_clinician_from_2026(roster: Roster, law: Law) -> LevelGroups:
    """Every clinician on a list of either kind, all lines of the NPI across all TINs (414.1425(c)(3)(ii))."""
    at_third = law.assumed("individual_snapshots") == "third"
    listed = _only_at_third(roster.listings, law) if at_third else roster.listings
    keyed = _keyed(_whole_period(listed), roster, Level.INDIVIDUAL)
    return LevelGroups(_groups(keyed, law), _lines_under_all_tins(keyed, law), _entities(keyed, law))


def _individuals_from_2017(roster: Roster, law: Law) -> list[LevelGroups]:
    affiliated = affiliated_practitioners_from_2017(roster, law)
    if not is_third(law, law.snapshots[-1]):
        return [affiliated]
    return [affiliated, clinicians_of_several_entities_from_2017(roster, law)]


def _individuals_from_2026(roster: Roster, law: Law) -> list[LevelGroups]:
    return [every_listed_clinician_from_2026(roster, law)]


INDIVIDUAL_ASSESSMENTS: dict[IndividualAssessment, Callable[[Roster, Law], list[LevelGroups]]] = {
    IndividualAssessment.CLINICIANS_OF_SEVERAL_ENTITIES_FROM_2017: _individuals_from_2017,
    IndividualAssessment.EVERY_LISTED_CLINICIAN_FROM_2026: _individuals_from_2026,
}

ALL_PAYER_CLINICIANS: dict[IndividualAssessment, Callable[[Roster, Law], list[LevelGroups]]] = {
    IndividualAssessment.CLINICIANS_OF_SEVERAL_ENTITIES_FROM_2017: lambda roster, law: [
        clinicians_of_entities_from_2017(roster, law)
    ],
    IndividualAssessment.EVERY_LISTED_CLINICIAN_FROM_2026: lambda _roster, _law: [],
}
"""Groups of submitted clinicians beside those of the Medicare Option, which from 2026 on has every listed one."""


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
