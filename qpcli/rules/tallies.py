"""Sums over the beneficiaries of each group (42 CFR 414.1435).

Every quantity is a sum over beneficiaries or a count of them, so the tallies of disjoint sets of
beneficiaries add up to the tally of all.
"""

from __future__ import annotations

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.group_people import PersonFacts
from qpcli.rules.snapshots import at
from qpcli.terms import ServiceBasis, Snapshot


def score_sums(people: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per group: numerators and denominators by basis and snapshot, in cents and beneficiaries."""
    sums = [e for basis in law.bases for s in law.snapshots for e in _numerators_and_denominators(basis, s)]
    return people.group_by("group_key").agg(sums)


def _numerators_and_denominators(basis: ServiceBasis, snapshot: Snapshot) -> list[pl.Expr]:
    eligible = pl.col(at(f"is_eligible_{basis}", snapshot))
    sums = {
        "payment_numerator": pl.col(at("attributed_cents", snapshot)) * eligible,
        "payment_denominator": pl.col(at("cents", snapshot)) * eligible,
        "patient_numerator": (pl.col(at("is_served_as_attributed", snapshot)) & eligible).cast(pl.Int64),
        "patient_denominator": (pl.col(at("is_served", snapshot)) & eligible).cast(pl.Int64),
    }
    return [value.sum().alias(at(f"{name}_{basis}", snapshot)) for name, value in sums.items()]


def attributed_people_served(people: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per group, of the attributed people whom it serves at the newest snapshot.

    `removed_count`: those lost because they are prospectively elsewhere; `qualifying_count`: those with a
    qualifying service on the first basis of the year.
    """
    newest = law.snapshots[-1]
    is_served = pl.col(at("is_served_as_attributed", newest))
    is_removed = is_served & ~pl.col(at("is_not_prospective_elsewhere", newest))
    qualifies = is_served & pl.col(at(f"has_qualifying_service_{law.bases[0]}", newest))
    return people.group_by("group_key").agg(
        removed_count=is_removed.sum().cast(pl.Int64), qualifying_count=qualifies.sum().cast(pl.Int64)
    )


def unknown_facts(served: pl.LazyFrame, facts: PersonFacts) -> pl.LazyFrame:
    """One row: people with claims (`served`) who fail each criterion only because a fact is unknown."""
    unknown = [name for name in facts.eligibility.collect_schema().names() if name.startswith("is_unknown_")]
    return facts.eligibility.join(served, on="bene_key", how="semi").select(pl.col(unknown).sum().cast(pl.Int64))


SUMS = ("payment_numerator", "payment_denominator", "patient_numerator", "patient_denominator")


def added(parts: list[pl.DataFrame], keys: list[str]) -> pl.LazyFrame:
    """The tally of all beneficiaries from the tallies of disjoint parts."""
    if len(parts) == 1:
        return parts[0].lazy()
    return pl.concat(parts).lazy().group_by(keys).agg(pl.all().sum())
