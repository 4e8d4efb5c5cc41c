"""Two runs side by side: every score and determination that differs, and the first cause that can explain it.

A cause is looked for in the order of the calculation: who is on the lists, which services of which people are seen
(the denominators), who is attributed (the numerators), what is asked for (thresholds). It must show in the results
and have a reason in what went into the two runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import polars as pl

from qpcli.analysis.changed_inputs import ChangedInputs, changed_inputs
from qpcli.analysis.finished_run import FinishedRun
from qpcli.reports.frames import calculated_schema
from qpcli.tables.clinicians import SEPARATOR
from qpcli.tables.differences import DIFFERENCES, Cause, Subject
from qpcli.terms import QpOption

GROUP = ("snapshot", "level", "apm_entity_id", "npi", "basis")
_SUMS = ("payment_denominator", "patient_denominator", "payment_numerator", "patient_numerator")
_BARS = (
    "payment_qp_threshold",
    "payment_partial_threshold",
    "patient_qp_threshold",
    "patient_partial_threshold",
)
_SHOWN = ("status", "payment_score", "patient_score", *_SUMS, "clinician_count")
_LISTED = ("tins", "apm_entity_ids")
_DECISION = tuple(f"determined_by_{name}" for name in ("option", "level", "apm_entity_id", "basis", "method"))


def compare_runs(first: FinishedRun, second: FinishedRun) -> tuple[pl.DataFrame, ChangedInputs]:
    """The differences of two runs, in the columns of DIFFERENCES and sorted by its keys, and what went in otherwise.

    Both must hold their manifests. Scores in ten-thousandths of a percent, amounts in cents.
    """
    assert first.manifest is not None
    assert second.manifest is not None
    changed = changed_inputs(first.manifest, second.manifest)
    scores = _score_differences(first, second, changed)
    determined = _determination_differences(first, second, changed, scores)
    return in_columns([scores, determined]), changed


def in_columns(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Differences with every column of the table, null where a frame has none."""
    whole = pl.concat([pl.DataFrame(schema=calculated_schema(DIFFERENCES)), *frames], how="diagonal_relaxed")
    types = [pl.col(name).cast(dtype) for name, dtype in calculated_schema(DIFFERENCES).items()]
    return whole.select(types).sort(DIFFERENCES.keys)


def differs(name: str) -> pl.Expr:
    """Whether the two sides hold another value; null is a value."""
    return pl.col(f"{name}_first").ne_missing(pl.col(f"{name}_second"))


def _any(conditions: Sequence[pl.Expr]) -> pl.Expr:
    return reduce(lambda one, other: one | other, conditions)


def _score_differences(first: FinishedRun, second: FinishedRun, changed: ChangedInputs) -> pl.DataFrame:
    sides = side_by_side(_scores(first), _scores(second), GROUP)
    rosters = side_by_side(_rosters(first), _rosters(second), ("apm_entity_id",))
    moved = rosters.filter(differs("roster")).select("apm_entity_id", has_other_roster=pl.lit(True))
    compared = [*_SHOWN, *_BARS]
    found = sides.filter(_any([differs(name) for name in compared])).join(moved, on="apm_entity_id", how="left")
    return found.with_columns(cause=_cause_of_score(changed), subject=pl.lit(Subject.THRESHOLD_SCORE.value)).select(
        "subject", "cause", *GROUP, *(f"{name}_{side}" for name in _SHOWN for side in ("first", "second"))
    )


def _scores(run: FinishedRun) -> pl.DataFrame:
    return run.tables["threshold_scores"].select(*GROUP, *_SHOWN, *_BARS)


def _rosters(run: FinishedRun) -> pl.DataFrame:
    """One row per APM Entity: its clinicians with their TINs, as one text."""
    listed = run.tables["clinicians"].select("npi", "tins", apm_entity_id=pl.col("apm_entity_ids").str.split(SEPARATOR))
    member = pl.concat_str("npi", "tins", separator=" ", ignore_nulls=True)
    return listed.explode("apm_entity_id").group_by("apm_entity_id").agg(roster=member.sort().str.join(SEPARATOR))


def side_by_side(first: pl.DataFrame, second: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """One row per key of either, with every other column twice: `_first` and `_second`, null where it has none."""
    others = [name for name in first.columns if name not in keys]
    sides = [
        frame.rename({name: f"{name}_{side}" for name in others}).with_columns(pl.lit(True).alias(f"is_in_{side}"))
        for frame, side in ((first, "first"), (second, "second"))
    ]
    joined = sides[0].join(sides[1], on=list(keys), how="full", coalesce=True, nulls_equal=True)
    return joined.with_columns(pl.col("is_in_first", "is_in_second").fill_null(False))


def _is_on_one_side() -> pl.Expr:
    return pl.col("is_in_first") != pl.col("is_in_second")


def _cause_of_score(changed: ChangedInputs) -> pl.Expr:
    """The first cause that shows in the row and has a reason in what went in."""
    has_other_roster = pl.col("has_other_roster").fill_null(False) | differs("clinician_count")
    denominators = differs("payment_denominator") | differs("patient_denominator")
    numerators = differs("payment_numerator") | differs("patient_numerator")
    moved_by_rules = pl.lit(changed.may_move_rules)
    causes: tuple[tuple[pl.Expr, Cause], ...] = (
        (_is_on_one_side() & pl.lit(changed.is_period), Cause.TIMING_RUN_OUT),
        ((_is_on_one_side() | has_other_roster) & pl.lit(changed.may_move_roster), Cause.ROSTER),
        (_is_on_one_side() & moved_by_rules, Cause.RULE_THRESHOLD),
        (denominators & pl.lit(changed.may_move_timing), Cause.TIMING_RUN_OUT),
        (denominators & moved_by_rules, Cause.RULE_THRESHOLD),
        ((denominators | numerators) & pl.lit(changed.may_move_attribution), Cause.ATTRIBUTION_LIST),
        (numerators & pl.lit(changed.may_move_timing), Cause.TIMING_RUN_OUT),
        (moved_by_rules, Cause.RULE_THRESHOLD),
        (pl.lit(changed.may_move_roster), Cause.ROSTER),
    )
    return first_cause(causes)


def first_cause(causes: Sequence[tuple[pl.Expr, Cause]]) -> pl.Expr:
    """The cause of the first condition that holds; without one the difference is unexplained."""
    told = [pl.when(holds.fill_null(False)).then(pl.lit(cause.value)) for holds, cause in causes]
    return pl.coalesce(*told, pl.lit(Cause.UNEXPLAINED.value))


def _determination_differences(
    first: FinishedRun, second: FinishedRun, changed: ChangedInputs, scores: pl.DataFrame
) -> pl.DataFrame:
    """One row per clinician whose newest determination differs; what decided it on either side tells the cause."""
    sides = side_by_side(_determined(first, scores), _determined(second, scores), ("npi",))
    found = sides.filter(_any([_is_on_one_side(), differs("status"), *map(differs, _DECISION)]))
    causes: list[tuple[pl.Expr, Cause]] = [
        ((_is_on_one_side() | differs("tins") | differs("apm_entity_ids")) & changed.may_move_roster, Cause.ROSTER),
        *((_either_has(cause), cause) for cause in Cause if cause is not Cause.UNEXPLAINED),
        (_is_by_all_payers() & changed.may_move_all_payer, Cause.OTHER_PAYERS),
        (_is_on_one_side() & changed.may_move_timing, Cause.TIMING_RUN_OUT),
        (pl.lit(changed.may_move_rules), Cause.RULE_THRESHOLD),
    ]
    newest = pl.max_horizontal("snapshot_first", "snapshot_second")
    return found.with_columns(
        cause=first_cause(causes), subject=pl.lit(Subject.DETERMINATION.value), snapshot=newest
    ).select("subject", "cause", "npi", "snapshot", "status_first", "status_second")


def _is_by_all_payers() -> pl.Expr:
    """Whether all payers decided on either side."""
    options = (pl.col(f"determined_by_option_{side}") for side in ("first", "second"))
    return pl.any_horizontal(option.eq_missing(pl.lit(QpOption.ALL_PAYER.value)) for option in options)


def _either_has(cause: Cause) -> pl.Expr:
    return (pl.col("score_cause_first") == cause.value) | (pl.col("score_cause_second") == cause.value)


def _determined(run: FinishedRun, scores: pl.DataFrame) -> pl.DataFrame:
    """One row per clinician: the newest determination, and why the score that decided it differs, if it does."""
    newest = run.tables["determinations"].filter("is_latest")
    listed = run.tables["clinicians"].select("npi", *_LISTED)
    why = scores.select(
        "npi",
        "cause",
        *(pl.col(name).alias(f"determined_by_{name}") for name in ("level", "apm_entity_id", "basis")),
        determined_at_snapshot="snapshot",
    )
    by_group = why.filter(pl.col("npi").is_null()).drop("npi")
    by_npi = why.filter(pl.col("npi").is_not_null())
    keys = ["determined_by_level", "determined_by_apm_entity_id", "determined_by_basis", "determined_at_snapshot"]
    told = newest.join(by_group, on=keys, how="left", nulls_equal=True)
    told = told.join(by_npi, on=[*keys, "npi"], how="left", nulls_equal=True, suffix="_own")
    decided = told.with_columns(score_cause=pl.coalesce("cause", "cause_own"))
    return decided.join(listed, on="npi", how="left").select(
        "npi", "snapshot", "status", *_DECISION, "score_cause", *_LISTED
    )
