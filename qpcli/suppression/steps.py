"""Which steps of the exclusions are hidden, so that no small count can be told from the steps around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

import polars as pl

from qpcli.suppression.cells import is_small
from qpcli.tables.exclusions import CLAIM_STEPS, STEPS

_CHAIN = ("performance_year", "snapshot", "apm_entity_id")
_FIRST_PERSON_STEP = len(CLAIM_STEPS) + 1
_DENOMINATOR_STEP = len(STEPS) - 1
_TAIL = frozenset(range(_DENOMINATOR_STEP - 1, len(STEPS) + 1))
"""From has_qualifying_service on: what a hidden Threshold Score could be read from."""
_FEWEST = 2
"""Steps that are hidden side by side: of a single one the dollars could be told."""


def with_hidden(exclusions: pl.DataFrame, hidden_scores: Set[tuple[int, str, str]]) -> pl.DataFrame:
    """The rows of EXCLUSIONS in their order, with `is_hidden`.

    `hidden_scores`: snapshot, APM Entity and basis of hidden Threshold Scores. Most steps are the same in each basis:
    what is hidden in one is hidden in the other.
    """
    hidden: list[tuple[int, int, str, int]] = []
    for key, chain in exclusions.group_by(*_CHAIN, "basis", maintain_order=True):
        year, snapshot, entity, basis = key
        numbers = _hidden_numbers(chain.sort("step_number"), is_score_hidden=(snapshot, entity, basis) in hidden_scores)
        hidden += [(int(str(year)), int(str(snapshot)), str(entity), number) for number in numbers]
    columns = (*_CHAIN, "step_number")
    schema = {name: exclusions.schema[name] for name in columns}
    marks = pl.DataFrame(hidden, schema=schema, orient="row").unique().with_columns(is_hidden=pl.lit(True))
    joined = exclusions.join(marks, on=columns, how="left", maintain_order="left")
    return joined.with_columns(pl.col("is_hidden").fill_null(False))


def _hidden_numbers(chain: pl.DataFrame, *, is_score_hidden: bool) -> Iterator[int]:
    """Step numbers of one chain; where the score is shown, so are its denominator and numerator."""
    rows = list(chain.iter_rows(named=True))
    claims, people = rows[: _FIRST_PERSON_STEP - 1], rows[_FIRST_PERSON_STEP - 1 :]
    yield from (place + 1 for place in hidden_places(*_counts(claims, "lines"), forced=set(), is_end_known=False))
    end = len(STEPS) if is_score_hidden else _DENOMINATOR_STEP
    people = [row for row in people if row["step_number"] <= end]
    forced = {number - _FIRST_PERSON_STEP for number in _TAIL} if is_score_hidden else set()
    places = hidden_places(*_counts(people, "beneficiaries"), forced=forced, is_end_known=not is_score_hidden)
    yield from (place + _FIRST_PERSON_STEP for place in places)


def _counts(rows: Sequence[dict[str, int]], what: str) -> tuple[list[int], list[int]]:
    return [row[f"{what}_removed"] for row in rows], [row[f"{what}_remaining"] for row in rows]


def hidden_places(
    removed: Sequence[int], remaining: Sequence[int], *, forced: Set[int], is_end_known: bool
) -> frozenset[int]:
    """Places of a chain to hide: those with a small count, and around them the next smallest until none can be told.

    What steps hidden side by side remove together shows in what remains before and after them.
    """
    hidden = {place for place in range(len(removed)) if is_small(removed[place]) or is_small(remaining[place])} | forced
    while (grown := _grown(removed, hidden, is_end_known=is_end_known)) != hidden:
        hidden = grown
    return frozenset(hidden)


def _grown(removed: Sequence[int], hidden: Set[int], *, is_end_known: bool) -> set[int]:
    for first, last in _runs(hidden):
        is_told = first > 0 and (is_end_known or last < len(removed) - 1)
        if last - first + 1 < _FEWEST or (is_told and is_small(sum(removed[first : last + 1]))):
            beside = [place for place in (first - 1, last + 1) if 0 <= place < len(removed)]
            if beside:
                return {*hidden, min(beside, key=lambda place: removed[place])}
    return set(hidden)


def _runs(places: Set[int]) -> Iterator[tuple[int, int]]:
    """First and last of each stretch of places side by side."""
    for place in sorted(places):
        if place - 1 not in places:
            last = place
            while last + 1 in places:
                last += 1
            yield place, last
