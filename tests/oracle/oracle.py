"""The whole calculation, plain, slow and written from the specification alone."""

from dataclasses import dataclass

from .oracle_all_payer import all_payer_scores
from .oracle_determinations import determinations
from .oracle_exclusions import exclusions
from .oracle_reading import DuplicateConflict, read
from .oracle_scores import threshold_scores
from .world import Row, World

__all__ = ["DuplicateConflict", "Result", "determine"]

SCORE_KEYS = ["performance_year", "snapshot", "level", "apm_entity_id", "npi", "basis"]
DETERMINATION_KEYS = ["performance_year", "npi", "snapshot"]
ALL_PAYER_KEYS = ["performance_year", "snapshot", "level", "apm_entity_id", "tin", "npi", "basis"]
EXCLUSION_KEYS = ["performance_year", "snapshot", "apm_entity_id", "basis", "step_number"]


@dataclass(frozen=True)
class Result:
    """The output tables, each sorted by its keys, nulls first; all-payer scores only where payers were submitted."""

    threshold_scores: list[Row]
    determinations: list[Row]
    exclusions: list[Row]
    all_payer_scores: list[Row] | None = None


def determine(world: World) -> Result:
    """Compute the tables; DuplicateConflict when two deliveries of a line disagree."""
    case = read(world)
    scores = threshold_scores(case)
    submitted = world.other_payer
    of_all_payers = None if submitted is None else all_payer_scores(case, submitted, scores)
    return Result(
        threshold_scores=_sorted(scores, SCORE_KEYS),
        determinations=_sorted(determinations(case, scores, of_all_payers or ()), DETERMINATION_KEYS),
        exclusions=_sorted(exclusions(case, scores), EXCLUSION_KEYS),
        all_payer_scores=None if of_all_payers is None else _sorted(of_all_payers, ALL_PAYER_KEYS),
    )


def _sorted(rows: list[Row], keys: list[str]) -> list[Row]:
    """Sort with None before any value."""
    return sorted(rows, key=lambda row: [(row[key] is not None, row[key] or 0) for key in keys])
