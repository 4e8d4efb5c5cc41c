"""Claim lines in numbers: each person, biller and service is judged once, and its facts looked up for every line."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from qpcli.rules.claim_lines import (
    CodedLines,
    LineContext,
    dated,
    lines_in_period,
    numbered_columns,
    with_biller,
    with_person,
    with_service,
)
from qpcli.rules.truths import truths as truths_of
from qpcli.rules.truths import words as words_of

NOT_LISTED = 2**32 - 1


@dataclass(frozen=True, slots=True)
class FactsOfNumbers:
    """What numbering says of each biller, person and service, in the order of their numbers.

    `clinician_keys` are those of billers, `NOT_LISTED` where no list names them.
    """

    clinician_keys: pl.DataFrame
    billers: pl.DataFrame
    people: pl.DataFrame
    services: pl.DataFrame


def facts_of_numbers(coded: CodedLines, context: LineContext) -> FactsOfNumbers:
    """The facts, each worked out once."""
    billers = with_biller(coded.billers, context).drop("npi", "tin").collect()
    # Looking up is quicker where nothing is null.
    clinician_keys = billers.select(pl.col("clinician_key").fill_null(NOT_LISTED))
    return FactsOfNumbers(
        clinician_keys=clinician_keys,
        billers=billers.drop("clinician_key"),
        people=with_person(coded.people, context).drop("bene_id").collect(),
        services=with_service(coded.services, context).drop("hcpcs", "setting", "adjustment").collect(),
    )


def numbered_coded_lines(lines: pl.LazyFrame, facts: FactsOfNumbers, context: LineContext) -> pl.LazyFrame:
    """As claim_lines.numbered_lines for the lines without versions, and without the columns of the family."""
    of_clinicians = looked_up(lines, facts.clinician_keys, "biller")
    alone = of_clinicians.filter(pl.col("clinician_key") != NOT_LISTED, ~pl.col("has_versions"))
    known = looked_up(alone, facts.billers, "biller")
    known = looked_up(known, facts.people, "person")
    known = looked_up(known, facts.services, "service")
    return dated(lines_in_period(known, context.law), context).select(numbered_columns(context))


def looked_up(rows: pl.LazyFrame, facts: pl.DataFrame, number: str) -> pl.LazyFrame:
    """Adds the facts, one row per number in its order, of what the number of each row names."""
    truths = facts.select(pl.col(pl.Boolean)).columns
    words = facts.select(**words_of(truths))
    sought = [_sought(fact, number) for fact in (*facts.select(pl.exclude(pl.Boolean)), *words)]
    return rows.with_columns(sought).with_columns(truths_of(truths)).drop(words.columns)


def _sought(fact: pl.Series, number: str) -> pl.Expr:
    found = pl.col(number).map_batches(fact.gather, return_dtype=fact.dtype, is_elementwise=True)
    return found.alias(fact.name)
