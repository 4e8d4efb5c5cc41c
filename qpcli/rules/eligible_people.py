"""Attribution-eligible beneficiaries of a group: each criterion, then all (42 CFR 414.1305, 414.1435(c))."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.attribution import is_prospective_elsewhere
from qpcli.rules.attribution_eligibility import CRITERIA
from qpcli.rules.group_people import PERSON, PersonFacts
from qpcli.rules.groups import Groups
from qpcli.rules.lists import Lists
from qpcli.rules.snapshots import at, each
from qpcli.rules.truths import truths, words
from qpcli.terms import IndividualAssessment, Level, ServiceBasis, Snapshot


def with_criteria(people: pl.LazyFrame, groups: Groups, law: Law, facts: PersonFacts) -> pl.LazyFrame:
    """Adds every criterion of an attribution-eligible beneficiary (42 CFR 414.1305, 414.1435(c))."""
    removed = removed_people(people, groups, law, facts)
    criteria = [at(name, s) for name in CRITERIA for s in law.snapshots]
    met = words(criteria)
    return (
        people.join(facts.eligibility.select("bene_key", **met), on="bene_key", how="left")
        .with_columns(truths(criteria))
        .drop(list(met))
        .join(removed, on=PERSON, how="left")
        .with_columns(
            *each(law, "is_served", lambda s: pl.col(at("service_count", s)) > 0),
            *[e for basis in law.bases for e in each(law, f"has_qualifying_service_{basis}", _qualifies(basis, law))],
            *each(law, "is_not_prospective_elsewhere", lambda s: pl.col(at("is_allowed", s)).fill_null(True)),
            *each(law, "is_served_as_attributed", lambda s: pl.col(at("attributed_count", s)) > 0),
        )
    )


def _qualifies(basis: ServiceBasis, law: Law) -> Callable[[Snapshot], pl.Expr]:
    """Criterion (6): a qualifying service of the group; RHC and FQHC ones only if rhc_fqhc_satisfies_em says so."""
    measure = {ServiceBasis.EM: "em_count", ServiceBasis.CPS: "cps_count"}[basis]

    def qualifies(snapshot: Snapshot) -> pl.Expr:
        has_service = pl.col(at(measure, snapshot)) > 0
        if law.assumed("rhc_fqhc_satisfies_em") == "yes":
            return has_service | (pl.col(at("rural_count", snapshot)) > 0)
        return has_service

    return qualifies


def removed_people(people: pl.LazyFrame, groups: Groups, law: Law, facts: PersonFacts) -> pl.LazyFrame:
    """One row per group and beneficiary prospectively attributed somewhere: whether an entity of the group keeps it.

    From PY 2021 a beneficiary is removed when every entity of the group would remove it (414.1435(c)(1)(i)).
    """

    def keeps(snapshot: Snapshot) -> pl.Expr:
        removes = pl.lit(law.has_exclusive_attribution) & pl.col("removes_prospective_elsewhere")
        return (pl.col(at("is_in", snapshot)) & ~(removes & is_prospective_elsewhere(snapshot))).any()

    concerned = people.select(PERSON).join(facts.prospective, on="bene_key").join(groups.entities, on="group_key")
    return concerned.group_by(PERSON).agg(each(law, "is_allowed", keeps))


def is_attribution_eligible(basis: ServiceBasis, snapshot: Snapshot) -> pl.Expr:
    """All criteria of the definition (414.1305), exclusive attribution included."""
    own = [pl.col(at(name, snapshot)) for name in CRITERIA]
    qualifies = pl.col(at(f"has_qualifying_service_{basis}", snapshot))
    return pl.all_horizontal(*own, qualifies, pl.col(at("is_not_prospective_elsewhere", snapshot)))


def with_attribution_eligible(people: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """Adds whether the beneficiary is attribution-eligible for the group, by basis and snapshot."""
    bases = [(basis, s) for basis in law.bases for s in law.snapshots]
    return people.with_columns(
        is_attribution_eligible(basis, s).alias(at(f"is_eligible_{basis}", s)) for basis, s in bases
    )


def levels_through_entities(lists: Lists, law: Law) -> tuple[Level, ...]:
    """The levels whose eligible people are those of the entities: a TIN's always, for it is a part of one.

    Single clinicians' by the open point individual_criterion_6, through the last year that asks it.
    """
    tins = () if lists.other_payers is None else (Level.TIN,)
    is_every_clinician = law.individual_assessment is IndividualAssessment.EVERY_LISTED_CLINICIAN_FROM_2026
    if is_every_clinician or law.assumed("individual_criterion_6") == "own_services":
        return tins
    return (Level.INDIVIDUAL, *tins) if lists.other_payers is None else (Level.INDIVIDUAL, Level.NPI, *tins)


def through_entities(people: pl.LazyFrame, groups: Groups, lists: Lists, law: Law) -> pl.LazyFrame:
    """The eligible people of a part of one or several entities: the union of the entities'.

    `people` holds every group; rows of levels that have people of their own pass through. Clinicians of several
    entities are assessed at the third snapshot only, submitted TINs and clinicians at each.
    """
    levels = levels_through_entities(lists, law)
    if not levels:
        return people
    snapshots = law.snapshots[-1:] if lists.other_payers is None else law.snapshots
    eligible = {at(f"is_eligible_{basis}", s): at("is_in", s) for basis in law.bases for s in snapshots}
    kinds = groups.groups.select("group_key", "level", of_entity="entity_key")
    leveled = people.join(kinds, on="group_key")
    is_part = pl.col("level").is_in([level.value for level in levels])
    of_entities = leveled.filter(pl.col("level") == Level.APM_ENTITY.value)
    of_entities = of_entities.select("bene_key", *eligible, entity_key="of_entity")
    remaining = groups.entities.select("group_key", "entity_key", *[at("is_in", s) for s in snapshots])
    parts = leveled.filter(is_part).select(PERSON).join(remaining, on="group_key")
    union = parts.join(of_entities, on=["entity_key", "bene_key"]).group_by(PERSON)
    united = union.agg((pl.col(name) & pl.col(is_in)).any().alias(f"union_{name}") for name, is_in in eligible.items())
    return leveled.join(united, on=PERSON, how="left").with_columns(
        pl.when(is_part).then(pl.col(f"union_{name}").fill_null(False)).otherwise(pl.col(name)).alias(name)
        for name in eligible
    )
