"""What if: scores and determinations of a run before and after a change, recomputed from its cells."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from qpcli import calculation
from qpcli.analysis.changes import Changed, Changes, changed
from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.recomputation import base_sums, changed_sums
from qpcli.analysis.situation import Assessed, Situation, assessed, numbering_for, situation_of
from qpcli.errors import InputError
from qpcli.rules import determinations
from qpcli.tables.all_payer_scores import ALL_PAYER_SCORES
from qpcli.tables.threshold_scores import THRESHOLD_SCORES


@dataclass(frozen=True, slots=True)
class Determined:
    """The result tables of one situation, as `calculation.Results` holds them."""

    threshold_scores: pl.DataFrame
    determinations: pl.DataFrame


@dataclass(frozen=True, slots=True)
class WhatIf:
    """One question answered: `before` is what the run says."""

    before: Determined
    after: Determined
    changed: Changed
    changes: Changes = field(default_factory=Changes)


def whatif(run: FinishedRun, changes: Changes) -> WhatIf:
    """The answer to a question; raises as `changes.changed`, and QP219 where the kept sums are not the run's."""
    base = situation_of(run)
    return answered(run, base, changed(run, base, changes), changes)


def answered(run: FinishedRun, base: Situation, after: Changed, changes: Changes) -> WhatIf:
    """Before and after, in the keys that both situations share; raises QP219 as `checked_base`."""
    numbering = numbering_for(run, base, after.situation)
    one, other = assessed(run, base, numbering), assessed(run, after.situation, numbering)
    before = checked_base(run, one)
    return WhatIf(before, determined(other, changed_sums(run, one, other)), after, changes)


def checked_base(run: FinishedRun, base: Assessed) -> Determined:
    """What the kept sums and lists make of the run.

    Raises InputError QP219 unless it is what the run says, QP220 for a run with other payers: what was submitted of
    them is not kept.
    """
    if ALL_PAYER_SCORES.name in run.tables:
        message = "The run has other payers in it, and what-if is asked of Medicare alone."
        raise InputError("QP220", message, "Run `qpcli determine` with --keep-cells and without --other-payer.")
    again = determined(base, base_sums(run, base))
    said = Determined(run.tables["threshold_scores"], run.tables["determinations"])
    is_same = again.threshold_scores.equals(said.threshold_scores) and again.determinations.equals(said.determinations)
    if not is_same:
        raise InputError("QP219", "What the run kept does not give the run's own scores.")
    return said


def determined(asked: Assessed, sums: pl.DataFrame) -> Determined:
    """Scores and determinations from the sums of every group."""
    scores = calculation.scored_groups(sums, asked.groups, asked.lists, asked.law)
    listings = asked.lists.listings.lazy()
    results = determinations.results_of_clinicians(scores, listings, asked.law)
    frames = pl.collect_all(
        [
            scores.select(THRESHOLD_SCORES.column_names).sort(THRESHOLD_SCORES.keys),
            determinations.determinations(results, listings, asked.lists.numbering, asked.law),
        ]
    )
    return Determined(frames[0], frames[1])
