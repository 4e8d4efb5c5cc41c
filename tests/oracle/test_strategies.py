"""The strategies make worlds that the oracle computes, and reach the hard rules often enough."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from .oracle import Result, determine
from .oracle_law import FIRST_YEAR_OF_TWO_BASES, OPEN_POINTS
from .strategies import MOST_LINES, worlds
from .world import Row, World

Change = Callable[[World], World]
Sight = Callable[["Drawn"], bool]

WORLDS = 200  # the oracle must compute
MOST_WORLDS = 500  # to look at until every rule is reached


def with_rows(world: World, table: str, found: list[Row]) -> World:
    """The world with another table in place of one."""
    tables: dict[str, Any] = {table: found}
    return replace(world, **tables)


def rows(table: str, **values: Any) -> Change:
    """The world with these values in every row of the table."""
    return lambda world: with_rows(world, table, [row | values for row in getattr(world, table) or ()])


def only(table: str, keep: Callable[[Row], bool]) -> Change:
    """The world with only these rows in the table."""
    return lambda world: with_rows(world, table, [row for row in getattr(world, table) or () if keep(row)])


def entities_with(**values: Any) -> Change:
    """The world with these values in every row of the entities file, if there is one."""
    return lambda world: world if world.entities is None else rows("entities", **values)(world)


def without(open_point: str) -> Change:
    """The world with the default of an open point."""
    return lambda world: replace(
        world, assumptions={name: value for name, value in world.assumptions.items() if name != open_point}
    )


def all_delivered_once(world: World) -> World:
    """The world in which a second delivery of a line is a line of its own."""
    lines = [row | {"claim_version": str(number)} for number, row in enumerate(world.claim_lines)]
    return replace(world, claim_lines=lines)


# Each rule is reached when the scores or determinations change without it.
CHANGES: dict[str, Change] = {
    "run-out": rows("claim_lines", processed_date=None),
    "second deliveries": all_delivered_once,
    "cancellations": only("claim_lines", lambda row: row.get("adjustment") != "cancellation"),
    "denied lines": rows("claim_lines", is_denied=False),
    "withheld amounts": rows("claim_lines", withheld_amount=None),
    "excluded amounts": rows("claim_lines", excluded_amount=None),
    "RHC and FQHC lines": only("claim_lines", lambda row: row.get("setting") not in ("rhc", "fqhc")),
    "lines without a TIN": only("claim_lines", lambda row: row["tin"] is not None),
    "prospective attribution": rows("attribution", is_prospective=False),
    "attribution dates": rows("attribution", start_date=None, end_date=None),
    "births": rows("beneficiaries", birth_date=date(1950, 6, 1)),
    "deaths": rows("beneficiaries", death_date=None),
    "coverage spans": rows("beneficiaries", start_date=None, end_date=None),
    "managed care": rows("beneficiaries", is_managed_care=False),
    "secondary payer": rows("beneficiaries", is_medicare_secondary=False),
    "Parts A and B": rows("beneficiaries", has_part_a=True, has_part_b=True),
    "residence": rows("beneficiaries", is_us_resident=True),
    "list dates": rows("participants", start_date=None, end_date=None),
    "affiliated lists": rows("participants", list_type="participation"),
    "not advanced": entities_with(is_advanced=True),
    "testing window": entities_with(active_from=None, active_to=None),
    "termination": entities_with(terminated_on=None),
    "bearing risk": entities_with(bears_risk=True),
    "episodes": entities_with(is_episode_based=False),
    "keeping prospective elsewhere": entities_with(removes_prospective_elsewhere=True),
    "own E/M code set": entities_with(em_code_set=None),
    "not a MIPS APM": entities_with(is_mips_apm=True),
    **{f"assumed {open_point}": without(open_point) for open_point in OPEN_POINTS},
}


@dataclass(frozen=True)
class Drawn:
    """A drawn world and what the oracle makes of it."""

    world: World
    result: Result

    def scores(self, **values: Any) -> list[Row]:
        """The score rows with these values."""
        found = self.result.threshold_scores
        return [row for row in found if all(row[key] == value for key, value in values.items())]

    def has_level(self, level: str) -> bool:
        """Is somebody assessed at this level, with beneficiaries?"""
        return any(row["patient_denominator"] for row in self.scores(level=level))

    def is_before_two_bases(self) -> bool:
        return self.world.performance_year < FIRST_YEAR_OF_TWO_BASES

    def is_decided(self, **values: str) -> bool:
        """Does a determination name this as deciding?"""
        ((part, value),) = values.items()
        return any(row[f"determined_by_{part}"] == value for row in self.result.determinations)


def has_sticky(drawn: Drawn) -> bool:
    """A status that no score of the row's own snapshot gives."""
    given_at = {(row["snapshot"], row["status"]) for row in drawn.scores()}
    kept = [row for row in drawn.result.determinations if row["status"] in ("QP", "PARTIAL_QP")]
    return any((row["snapshot"], row["status"]) not in given_at for row in kept)


def has_late_row(drawn: Drawn) -> bool:
    """A clinician whose rows begin after snapshot 1."""
    rows = drawn.result.determinations
    return len({row["npi"] for row in rows}) > len([row for row in rows if row["snapshot"] == 1])


def has_both_lists(drawn: Drawn) -> bool:
    """An entity whose affiliated entries are ignored."""
    kinds = {(row["apm_entity_id"], row["list_type"] or "participation") for row in drawn.world.participants}
    return any((entity, "participation") in kinds for entity, kind in kinds if kind == "affiliated")


SIGHTS: dict[str, Sight] = {
    "an entity with QP": lambda drawn: bool(drawn.scores(level="apm_entity", status="QP")),
    "an entity with PARTIAL_QP": lambda drawn: bool(drawn.scores(level="apm_entity", status="PARTIAL_QP")),
    "an entity with NOT_QP": lambda drawn: bool(drawn.scores(level="apm_entity", status="NOT_QP")),
    "an entity with NO_SCORE": lambda drawn: bool(drawn.scores(level="apm_entity", status="NO_SCORE")),
    "sticky status": has_sticky,
    "several entities through 2025": lambda drawn: drawn.is_before_two_bases() and drawn.has_level("individual"),
    "individual rows from 2026": lambda drawn: not drawn.is_before_two_bases() and drawn.has_level("individual"),
    "affiliated practitioner rows": lambda drawn: drawn.has_level("affiliated_practitioner"),
    "decided by individual": lambda drawn: drawn.is_decided(level="individual"),
    "decided by affiliated_practitioner": lambda drawn: drawn.is_decided(level="affiliated_practitioner"),
    "decided by cps": lambda drawn: drawn.is_decided(basis="cps"),
    "decided by patient_count": lambda drawn: drawn.is_decided(method="patient_count"),
    "December rows": lambda drawn: any(row["snapshot"] == 4 for row in drawn.result.determinations),
    "first row after snapshot 1": has_late_row,
    "several entities counted": lambda drawn: any(row["apm_entity_count"] > 1 for row in drawn.result.determinations),
    "both lists of an entity": has_both_lists,
    "dollars below 0": lambda drawn: any(row["payment_denominator"] < 0 for row in drawn.scores()),
    "score outside 0 to 100": lambda drawn: any(not 0 <= (row["payment_score"] or 0) <= 100 for row in drawn.scores()),
    "no entities file": lambda drawn: drawn.world.entities is None,
    "snapshot 1 only": lambda drawn: drawn.world.snapshots == (1,),
    "snapshots 1 and 2": lambda drawn: drawn.world.snapshots == (1, 2),
}


def makes_a_difference(change: Change) -> Sight:
    """Is the result another one in the changed world?"""

    def sight(drawn: Drawn) -> bool:
        other = change(drawn.world)
        return other != drawn.world and determine(other) != drawn.result

    return sight


RULES = SIGHTS | {name: makes_a_difference(change) for name, change in CHANGES.items()}


def drawn_worlds(count: int) -> Iterator[World]:
    """The same worlds every time, ten from a seed: the eleventh would be a variation of an earlier one."""
    everything = list(HealthCheck)
    ten = settings(
        max_examples=10, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=everything
    )
    ten_worlds: list[World] = []

    def keep(world: World) -> None:
        ten_worlds.append(world)

    for number in range(count // 10):
        ten(seed(number)(given(worlds())(keep)))()
        yield from ten_worlds
        ten_worlds.clear()


def statistic(count: int, enough: int) -> Counter[str]:
    """In how many of so many worlds each rule is reached; a rule reached often enough is not looked for again."""
    found: Counter[str] = Counter()
    for world in drawn_worlds(count):
        drawn = Drawn(world, determine(world))
        found.update(name for name, sight in RULES.items() if found[name] < enough and sight(drawn))
    return found


@settings(max_examples=WORLDS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_the_oracle_computes_every_world_and_keeps_its_own_sums(world: World) -> None:
    drawn = Drawn(world, determine(world))
    assert len(world.claim_lines) <= MOST_LINES
    steps = {
        (row["snapshot"], row["apm_entity_id"], row["basis"], row["step_number"]): row
        for row in drawn.result.exclusions
    }
    entity_scores = drawn.scores(level="apm_entity")
    assert len(steps) == 14 * len(entity_scores)
    for row in entity_scores:
        key = row["snapshot"], row["apm_entity_id"], row["basis"]
        for number, part in ((13, "denominator"), (14, "numerator")):
            step = steps[*key, number]
            assert step["amount_remaining"] == row[f"payment_{part}"]
            assert step["beneficiaries_remaining"] == row[f"patient_{part}"]


def test_the_strategies_reach_every_hard_rule() -> None:
    found = statistic(MOST_WORLDS, enough=1)
    assert [name for name in RULES if not found[name]] == []
