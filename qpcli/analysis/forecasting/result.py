"""What a forecast says: how complete the claims are, and for each APM Entity ranges and chances."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from qpcli.terms import Method, QpStatus, ServiceBasis, Snapshot

INTERVAL = 80
"""Percent of the replicates that lie in the interval."""


@dataclass(frozen=True, slots=True)
class MonthShown:
    """One month of service: the lines that the claims show, and the share of all that these are expected to be."""

    month: int
    line_count: int
    share: float


@dataclass(frozen=True, slots=True)
class Completeness:
    """How complete the claims are: by month, and for the snapshot; `newest`: the newest processing date."""

    newest: date
    cut_off: date
    months: tuple[MonthShown, ...]
    share: float


@dataclass(frozen=True, slots=True)
class Expected:
    """The middle of what a score may be, and the interval, in percent."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class ScoreForecast:
    """One Threshold Score so far, in percent, and what is expected of it; chances from 0 to 1.

    None: nobody has been served who would count, and most likely nobody will be.
    """

    apm_entity_id: str
    basis: ServiceBasis
    method: Method
    so_far: float | None
    expected: Expected | None
    qp_threshold: int
    partial_threshold: int
    qp_chance: float
    partial_chance: float


@dataclass(frozen=True, slots=True)
class EntityForecast:
    """The best of the scores of an APM Entity; chances of QP, and of QP or Partial QP, by the snapshot alone.

    `reached`: the best status at snapshots whose run-out is over, which stays whatever is forecast; None: no such.
    """

    apm_entity_id: str
    scores: tuple[ScoreForecast, ...]
    qp_chance: float
    partial_chance: float
    reached: QpStatus | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The answer. `lists`: the snapshot whose lists and coverage stand for those to come."""

    target: Snapshot
    lists: Snapshot
    completeness: Completeness
    entities: tuple[EntityForecast, ...]
    has_prior: bool
