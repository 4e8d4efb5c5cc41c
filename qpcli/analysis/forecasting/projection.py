"""What the Threshold Scores of one APM Entity will be: what the claims show, and what is drawn of what is to come.

Beneficiaries are drawn again in every replicate to tell how sure the rates are; who comes, and what a stretch of time
brings, is drawn from these. Half of the replicates lie above the middle, four of five in an interval of 80 percent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from qpcli.analysis.forecasting.coming import fitted
from qpcli.analysis.forecasting.observed import Comers, Counts, Observed, Stratum
from qpcli.analysis.forecasting.run_out import Numbers
from qpcli.regulation.law import Thresholds
from qpcli.terms import Method, QpStatus

REPLICATES = 1000
"""Drawn by RandomState, whose numbers NumPy promises never to change: the same run gives the same answer."""
Ranks = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ToCome:
    """Exposure still to come by replicate, as it stands to what the claims show (`growth`), and in units of it.

    `later_growth`: what the later of the months shown added to the early ones.
    """

    growth: Numbers
    exposure: Numbers
    later_growth: float


@dataclass(frozen=True, slots=True)
class Sums:
    """Numerator and denominator of one method, one per replicate, or one."""

    numerator: Numbers
    denominator: Numbers

    @property
    def scores(self) -> Numbers:
        """In percent; 0 without a denominator, which is no score and never QP."""
        share = np.divide(
            self.numerator, self.denominator, out=np.zeros_like(self.numerator), where=self.denominator > 0
        )
        return 100 * share

    def ranks(self, thresholds: Thresholds, method: Method) -> Ranks:
        """2 where the QP threshold is met, 1 where only the Partial QP threshold is, else 0."""
        bars = [thresholds.bar(method, status) for status in (QpStatus.PARTIAL_QP, QpStatus.QP)]
        has_score = self.denominator > 0
        met = np.zeros(len(self.numerator), dtype=np.int64)
        for bar in bars:
            met += has_score & (self.numerator * 100 >= self.denominator * bar)
        return met


def so_far(entity: Observed) -> dict[Method, Sums]:
    """What the claims show."""

    def sums(attributed: float, others: float) -> Sums:
        return Sums(np.array([attributed]), np.array([attributed + others]))

    inside, outside = entity.attributed, entity.others
    return {
        Method.PAYMENT_AMOUNT: sums(inside.cents, outside.cents),
        Method.PATIENT_COUNT: sums(float(inside.served_count), float(outside.served_count)),
    }


def projected(entity: Observed, to_come: ToCome, draws: RandomState) -> dict[Method, Sums]:
    """One value per replicate."""
    inside = _completed(entity.attributed, to_come, draws)
    outside = _completed(entity.others, to_come, draws)
    return {
        Method.PAYMENT_AMOUNT: Sums(inside[0], inside[0] + outside[0]),
        Method.PATIENT_COUNT: Sums(inside[1], inside[1] + outside[1]),
    }


def _completed(stratum: Stratum, to_come: ToCome, draws: RandomState) -> tuple[Numbers, Numbers]:
    """Cents and people of a stratum once its claims are complete."""
    growth = to_come.growth
    new, comes = _newcomers(stratum.visitors, to_come, draws)
    people = stratum.visitors.came_count + new
    if stratum.treated is not None:
        begin, _ = _newcomers(stratum.treated, to_come, draws)
        # Whoever comes to a visit too is among the visitors.
        people = people + draws.binomial((stratum.treated.came_count + begin).astype(np.int64), 1 - comes)
    expected = (1 + growth) * (stratum.cents + comes * stratum.waiting)
    of_time = stratum.variance * to_come.exposure * (1 + growth)
    variance = of_time + comes * (1 - comes) * (1 + growth) ** 2 * stratum.waiting_squares
    cents = expected + np.sqrt(np.maximum(variance, 0)) * draws.standard_normal(REPLICATES)
    return np.maximum(cents, 0.0), people


def _newcomers(comers: Comers, to_come: ToCome, draws: RandomState) -> tuple[Numbers, Numbers]:
    """How many come who have not come yet, and the chance of each of them, by replicate."""
    if not comers.people.sum():
        return np.zeros(REPLICATES), np.zeros(REPLICATES)
    rates = fitted(_drawn_again(comers.people, draws), knows_unseen=comers.knows_unseen)
    habit = _habit(comers, to_come.later_growth, draws)
    comes = np.clip(habit * rates.comes(to_come.growth), 0.0, 1.0)
    if comers.knows_unseen:
        return draws.binomial(comers.people[0], comes).astype(np.float64), comes
    return draws.poisson(habit * comers.came_count * rates.new_per_seen(to_come.growth)).astype(np.float64), comes


def _habit(comers: Comers, later_growth: float, draws: RandomState) -> Numbers:
    """Who came in the later months for the first time, over those whom the early ones would have let expect.

    People have habits, such as a visit at the year's beginning, that even visits do not tell of.
    """
    if not comers.early.sum():
        return np.ones(REPLICATES)
    rates = fitted(_drawn_again(comers.early, draws), knows_unseen=comers.knows_unseen)
    if comers.knows_unseen:
        expected = comers.early[0] * rates.comes(later_growth)
    else:
        expected = comers.early[1:].sum() * rates.new_per_seen(later_growth)
    came: Numbers = draws.gamma(comers.later_count + _DOUBT, size=REPLICATES)
    habit: Numbers = came / (expected + _DOUBT)
    return habit


_DOUBT = 5.0
"""People by whom a habit must show before it is believed."""


def _drawn_again(people: Counts, draws: RandomState) -> Counts:
    return draws.multinomial(people.sum(), people / people.sum(), size=REPLICATES)
