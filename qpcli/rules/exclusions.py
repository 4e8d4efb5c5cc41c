"""From all lines of an APM Entity's group to its numerator, step by step (42 CFR 414.1305, 414.1425, 414.1435)."""

from __future__ import annotations

from itertools import accumulate

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.adjustments import is_visible
from qpcli.rules.attribution_eligibility import CRITERIA
from qpcli.rules.groups import Groups
from qpcli.rules.numbering import Numbering
from qpcli.rules.snapshots import at
from qpcli.tables.exclusions import CLAIM_STEPS, EXCLUSIONS, PERSON_STEPS, STEPS
from qpcli.terms import Level, ServiceBasis, Snapshot


def line_steps(lines: pl.LazyFrame, groups: Groups, law: Law) -> pl.LazyFrame:
    """One row per APM Entity's group: lines and cents that remain after steps 1 to 5, by snapshot.

    `lines` as groups.lines_of_groups returns them, of all groups.
    """
    entity_groups = groups.groups.filter(pl.col("level") == Level.APM_ENTITY.value).select("group_key")
    # Keys of other groups may be too large to hold in one integer with what steps look at.
    of_entities = lines.join(entity_groups, on="group_key", how="semi")
    return _of_all_people(of_entities, law).group_by("group_key").agg(*_delivered_steps(law), *_standing_steps(law))


def _of_all_people(lines: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """Rows that no step tells apart added up, by one integer that holds all that steps look at."""
    looked_at = ["service_snapshot", "seen_snapshot", "is_denied", *[at("is_in", s) for s in law.snapshots]]
    bucket = pl.col("group_key")
    for name in looked_at:
        bucket = bucket * _MORE_THAN_ANY_SNAPSHOT + pl.col(name).cast(pl.UInt64)
    sums = pl.col("row_count", "row_cents", "line_count", "line_cents", "cps_count", "cps_cents", "rural_count")
    return lines.group_by(bucket=bucket).agg(pl.col("group_key", *looked_at).first(), sums.cast(pl.Int64).sum())


_MORE_THAN_ANY_SNAPSHOT = 8


def _delivered_steps(law: Law) -> list[pl.Expr]:
    """Steps 1 to 3 count rows as delivered."""
    conditions = {
        "group_lines_in_period": lambda s: pl.col("service_snapshot") <= s.number,
        "processed_in_time": lambda s: pl.col("seen_snapshot") <= s.number,
        "not_denied": is_visible,
    }
    return [
        (pl.col(source).cast(pl.Int64) * (condition(s) & pl.col(at("is_in", s)))).sum().alias(at(f"{what}_{step}", s))
        for step, condition in conditions.items()
        for what, source in (("lines", "row_count"), ("amount", "row_cents"))
        for s in law.snapshots
    ]


def _standing_steps(law: Law) -> list[pl.Expr]:
    """Steps 4 and 5 count lines that stand."""
    sources = {
        "lines_not_cancelled": pl.col("line_count"),
        "amount_not_cancelled": pl.col("line_cents"),
        "lines_covered_professional_service": pl.col("cps_count") + pl.col("rural_count"),
        "amount_covered_professional_service": pl.col("cps_cents"),
    }
    return [
        (source.cast(pl.Int64) * ((pl.col("seen_snapshot") <= s.number) & pl.col(at("is_in", s)))).sum().alias(at(n, s))
        for n, source in sources.items()
        for s in law.snapshots
    ]


def person_steps(people: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per group: beneficiaries and cents that remain after steps 6 to 14, by basis and snapshot.

    `beneficiaries_served` are those with a covered professional, RHC or FQHC service: what step 6 removes from.
    """
    sums = [e for basis in law.bases for s in law.snapshots for e in _remaining_people(basis, s)]
    is_served = [(s, pl.col(at("is_served", s))) for s in law.snapshots]
    served = [served.sum().cast(pl.Int64).alias(at("beneficiaries_served", s)) for s, served in is_served]
    return people.group_by("group_key").agg(*served, *sums)


def _remaining_people(basis: ServiceBasis, snapshot: Snapshot) -> list[pl.Expr]:
    criteria = [*CRITERIA, f"has_qualifying_service_{basis}", "is_not_prospective_elsewhere"]
    remaining = list(accumulate((pl.col(at(name, snapshot)) for name in criteria), lambda a, b: a & b))
    sums: list[pl.Expr] = []
    for step, condition in zip(PERSON_STEPS, remaining, strict=False):
        served, cents = pl.col(at("is_served", snapshot)), pl.col(at("cents", snapshot))
        sums += _person_sums(step, basis, snapshot, served & condition, cents * condition)
    served, cents = pl.col(at("is_served_as_attributed", snapshot)), pl.col(at("attributed_cents", snapshot))
    return [*sums, *_person_sums(PERSON_STEPS[-1], basis, snapshot, served & remaining[-1], cents * remaining[-1])]


def _person_sums(step: str, basis: ServiceBasis, snapshot: Snapshot, people: pl.Expr, cents: pl.Expr) -> list[pl.Expr]:
    return [
        people.sum().cast(pl.Int64).alias(at(f"beneficiaries_{step}_{basis}", snapshot)),
        cents.sum().alias(at(f"amount_{step}_{basis}", snapshot)),
    ]


def exclusions(steps: pl.LazyFrame, groups: pl.LazyFrame, numbering: Numbering, law: Law) -> pl.LazyFrame:
    """One row per APM Entity, snapshot, basis and step, in the columns of EXCLUSIONS; amounts in cents.

    `steps` has one row per group with every sum above; groups without lines have none.
    """
    entities = groups.filter(pl.col("level") == Level.APM_ENTITY.value).join(steps, on="group_key", how="left")
    entities = entities.join(numbering.entities.lazy(), on="entity_key")
    rows = [
        _row(entities, law, basis, snapshot, number)
        for basis in law.bases
        for snapshot in law.snapshots
        for number in range(1, len(STEPS) + 1)
    ]
    return pl.concat(rows).sort(EXCLUSIONS.keys)


def _row(entities: pl.LazyFrame, law: Law, basis: ServiceBasis, snapshot: Snapshot, number: int) -> pl.LazyFrame:
    here, before = STEPS[number - 1], STEPS[number - 2] if number > 1 else None
    values: dict[str, pl.Expr] = {}
    for what in ("lines", "beneficiaries", "amount"):
        remaining = _value(what, here, basis, snapshot)
        previous = remaining if before is None else _value(what, before, basis, snapshot, is_before=True)
        values |= {f"{what}_remaining": remaining, f"{what}_removed": previous - remaining}
    return entities.filter(pl.col(at("is_assessed", snapshot))).select(
        pl.lit(law.performance_year, pl.Int64).alias("performance_year"),
        pl.lit(snapshot.number, pl.Int64).alias("snapshot"),
        "apm_entity_id",
        pl.lit(basis.value).alias("basis"),
        pl.lit(number, pl.Int64).alias("step_number"),
        pl.lit(here).alias("step"),
        **values,
    )


def _value(what: str, step: str, basis: ServiceBasis, snapshot: Snapshot, *, is_before: bool = False) -> pl.Expr:
    """What remains after a step; null where the step does not carry it."""
    is_claim_step = step in CLAIM_STEPS
    if what == "beneficiaries" and is_before and step == CLAIM_STEPS[-1]:
        return pl.col(at("beneficiaries_served", snapshot)).fill_null(0)
    if (what == "lines" and not is_claim_step) or (what == "beneficiaries" and is_claim_step):
        return pl.lit(None, pl.Int64)
    name = f"{what}_{step}" if is_claim_step else f"{what}_{step}_{basis}"
    return pl.col(at(name, snapshot)).fill_null(0)
