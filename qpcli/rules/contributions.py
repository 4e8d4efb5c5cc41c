"""What an APM Entity's group would be without one of its TINs or NPIs (42 CFR 414.1425(b)(1), 414.1435).

Patients are shared, so a beneficiary leaves a set only if nobody else of the group serves it: the beneficiaries whom a
contributor touches are judged again without its lines, and all others stay as they are. A contributor is an assessed
group of its own here, so that the rules of groups hold for it: its lines are those that leave with it.
"""

from __future__ import annotations

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.group_people import PERSON
from qpcli.rules.groups import Groups, made_of
from qpcli.rules.numbering import BLANK_TIN, KEY
from qpcli.rules.snapshots import at, each
from qpcli.terms import Level, ListType

KINDS = ("tin", "npi")
_KEY_BOUND = 2**32
"""More contributors than there are."""
UNIT = ("entity_key", "kind", "contributor")


def contributors(listings: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per entity's group, kind and TIN or NPI, with the key `group_key` of its lines.

    `clinician_count_k`: how many clinicians the group would keep without it.
    """
    members = _members(listings, law)
    size = members.group_by("entity_key").agg(
        each(law, "size", lambda s: pl.col("clinician_key").filter(pl.col(at("is_in", s))).n_unique())
    )
    units = pl.concat([_leaving(members, kind, law) for kind in KINDS])
    numbered = units.sort(UNIT).with_row_index("group_key").with_columns(pl.col("group_key").cast(pl.UInt64))
    kept = each(law, "clinician_count", lambda s: pl.col(at("size", s)) - pl.col(at("leaving", s)))
    return numbered.join(size, on="entity_key").select("group_key", *UNIT, *kept, *_is_in(law))


def _is_in(law: Law) -> list[str]:
    return [at("is_in", snapshot) for snapshot in law.snapshots]


def _members(listings: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per entity, TIN and clinician of the Participation Lists; under how many TINs the clinician is listed."""
    listed = listings.filter(pl.col("list_type") == ListType.PARTICIPATION.value)
    pairs = listed.group_by("entity_key", "tin", "npi", "tin_key", "clinician_key").agg(
        pl.col("from_day", "to_day").first(), pl.col(_is_in(law)).any()
    )
    under = each(law, "tin_count", lambda s: pl.col(at("is_in", s)).sum().over("entity_key", "clinician_key"))
    return pairs.with_columns(under)


def _leaves(kind: str, law: Law) -> list[pl.Expr]:
    """Whether a clinician leaves the group with the contributor: with the NPI, or with the last of its TINs."""
    if kind == "npi":
        return each(law, "leaves", lambda s: pl.col(at("is_in", s)))
    return each(law, "leaves", lambda s: pl.col(at("is_in", s)) & (pl.col(at("tin_count", s)) == 1))


def _leaving(members: pl.LazyFrame, kind: str, law: Law) -> pl.LazyFrame:
    leaving = each(law, "leaving", lambda s: pl.col("clinician_key").filter(pl.col(at("leaves", s))).n_unique())
    marked = members.with_columns(_leaves(kind, law))
    units = marked.group_by("entity_key", contributor=kind).agg(*leaving, pl.col(_is_in(law)).any())
    return units.with_columns(kind=pl.lit(kind))


def lines_that_leave(listings: pl.LazyFrame, units: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """As Groups.lines: the lines under a contributor's pairs, and the institutional lines of clinicians who leave."""
    members = _members(listings, law)
    of_kinds = [_lines_of_kind(members, units, kind, law) for kind in KINDS]
    lines = pl.concat(of_kinds).group_by("group_key", "clinician_key", "tin_key")
    return lines.agg(pl.col("from_day", "to_day").first(), pl.col(_is_in(law)).any())


def _lines_of_kind(members: pl.LazyFrame, units: pl.LazyFrame, kind: str, law: Law) -> pl.LazyFrame:
    own = units.filter(pl.col("kind") == kind).select("group_key", "entity_key", "contributor")
    keyed = members.with_columns(_leaves(kind, law)).rename({kind: "contributor"})
    keyed = keyed.join(own, on=["entity_key", "contributor"])
    without_tin = keyed.with_columns(
        tin_key=pl.lit(BLANK_TIN, KEY), **{at("is_in", s): pl.col(at("leaves", s)) for s in law.snapshots}
    )
    columns = ["group_key", "clinician_key", "tin_key", "from_day", "to_day", *_is_in(law)]
    listed = keyed.filter(pl.col("tin_key").is_not_null())
    return pl.concat([listed.select(columns), without_tin.select(columns)])


def groups_of_contributors(
    units: pl.LazyFrame, lines: pl.LazyFrame, entity_groups: Groups, law: Law, *, em_set_count: int
) -> Groups:
    """Every contributor as a group of its entity."""
    group = units.with_columns(level=pl.lit(Level.APM_ENTITY.value), clinician_key=pl.lit(None, KEY))
    entities = entity_groups.entities.drop("group_key").join(units.select("group_key", "entity_key"), on="entity_key")
    of_contributors = group.select("group_key", "level", "entity_key", "clinician_key")
    return made_of(of_contributors, lines, entities, law, em_set_count=em_set_count, key_bound=_KEY_BOUND)


def touched_people(own: pl.LazyFrame, units: pl.LazyFrame, entity_groups: Groups) -> pl.LazyFrame:
    """One row per contributor and beneficiary whom it touches, with the key of the whole group."""
    whole = entity_groups.groups.select("entity_key", whole_key="group_key")
    wholes = units.select("group_key", "entity_key").join(whole, on="entity_key").drop("entity_key")
    return own.select(PERSON).join(wholes, on="group_key")


def touched(people: pl.LazyFrame, of_group: pl.LazyFrame) -> pl.LazyFrame:
    """What the whole group did for each beneficiary of `touched_people`, by contributor and beneficiary.

    `of_group`: group_people.group_people of the entities' groups.
    """
    whole = of_group.rename({"group_key": "whole_key"})
    return people.join(whole, on=["whole_key", "bene_key"]).drop("whole_key")


def without(whole: pl.LazyFrame, own: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of `touched` without the contributor's own lines."""
    sums = [name for name in own.collect_schema().names() if name not in PERSON]
    both = whole.join(own, on=PERSON, suffix="_own")
    return both.select(*PERSON, *[(pl.col(name) - pl.col(f"{name}_own")).alias(name) for name in sums])


def shared_people(whole: pl.LazyFrame, own: pl.LazyFrame, others: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per contributor: beneficiaries of the denominator whom it serves and others of the group serve too.

    `whole` as judged by eligible_people; `own` and `others` with their services.
    """
    services = [at("service_count", s) for s in law.snapshots]
    joined = whole.join(own.select(*PERSON, *[pl.col(name).alias(f"own_{name}") for name in services]), on=PERSON)
    joined = joined.join(others.select(*PERSON, *[pl.col(n).alias(f"others_{n}") for n in services]), on=PERSON)
    counts = [
        (
            pl.col(at(f"is_eligible_{basis}", s))
            & _serves("own", at("service_count", s))
            & _serves("others", at("service_count", s))
        )
        .sum()
        .cast(pl.Int64)
        .alias(at(f"shared_patient_count_{basis}", s))
        for basis in law.bases
        for s in law.snapshots
    ]
    return joined.group_by("group_key").agg(counts)


def _serves(who: str, services: str) -> pl.Expr:
    return pl.col(f"{who}_{services}") > 0
