"""The whole Medicare Option calculation, plain, slow and written from the specification alone."""

from dataclasses import dataclass

from .oracle_determinations import determinations
from .oracle_exclusions import exclusions
from .oracle_reading import DuplicateConflict, read
from .oracle_scores import threshold_scores
from .world import Row, World

__all__ = ["DuplicateConflict", "Result", "determine"]

SCORE_KEYS = ["performance_year", "snapshot", "level", "apm_entity_id", "npi", "basis"]
DETERMINATION_KEYS = ["performance_year", "npi", "snapshot"]
EXCLUSION_KEYS = ["performance_year", "snapshot", "apm_entity_id", "basis", "step_number"]


@dataclass(frozen=True)
class Result:
    """The three output tables, each sorted by its keys, nulls first."""

    threshold_scores: list[Row]
    determinations: list[Row]
    exclusions: list[Row]


def determine(world: World) -> Result:
    """Compute the three tables; DuplicateConflict when two deliveries of a line disagree."""
    case = read(world)
    scores = threshold_scores(case)
    return Result(
        threshold_scores=_sorted(scores, SCORE_KEYS),
        determinations=_sorted(determinations(case, scores), DETERMINATION_KEYS),
        exclusions=_sorted(exclusions(case, scores), EXCLUSION_KEYS),
    )


def _sorted(rows: list[Row], keys: list[str]) -> list[Row]:
    """Sort with None before any value."""
    return sorted(rows, key=lambda row: [(row[key] is not None, row[key] or 0) for key in keys])
