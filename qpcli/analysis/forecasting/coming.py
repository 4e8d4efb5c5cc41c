"""Who is still to come: visits of a person are even in time, and how often people come differs (gamma-Poisson).

How often those who came have come tells how many of the others will: whoever came often would have come before.
One unit of time is what the claims show; `growth` is what is still to come, in such units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qpcli.analysis.forecasting.run_out import Numbers

_SHAPES = np.geomspace(0.05, 50, 48)
"""From people who have little in common to people who are all alike."""
_HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Rates:
    """Fitted visit rates, one per replicate: a gamma distribution with this shape and mean."""

    shape: Numbers
    mean: Numbers

    def unseen(self, time: Numbers | float) -> Numbers:
        """Share of people without a visit in so much time."""
        return np.exp(-self.shape * np.log1p(self.mean / self.shape * time))

    def comes(self, growth: Numbers | float) -> Numbers:
        """Chance that somebody who has not come yet will."""
        return 1 - self.unseen(1 + growth) / self.unseen(1)

    def new_per_seen(self, growth: Numbers | float) -> Numbers:
        """New people for each who has come, where nobody knows how many there are."""
        came = -np.expm1(np.log(self.unseen(1)))
        ratio = (self.unseen(1) - self.unseen(1 + growth)) / np.where(came > 0, came, 1)
        return np.where(came > 1e-9, ratio, growth)


def fitted(people: NDArray[np.int64], *, knows_unseen: bool) -> Rates:
    """The likeliest rates; `people`: one row per replicate, how many had 0, 1, 2 and so on days with a visit.

    `knows_unseen` False: nothing is known of those without a visit, and the first column is not looked at.
    """
    counts = people.astype(np.float64)
    if not knows_unseen:
        counts = counts.copy()
        counts[:, 0] = 0
    days = np.arange(counts.shape[1])
    total = np.maximum(counts.sum(axis=1), 1)
    average = counts @ days / total
    means = np.tile(average[:, None], len(_SHAPES)) if knows_unseen else _means_of_all(average)
    likelihood = _likelihood(counts, means, knows_unseen=knows_unseen)
    best = likelihood.argmax(axis=1)
    rows = np.arange(len(counts))
    return Rates(_SHAPES[best], np.maximum(means[rows, best], 1e-9))


def _means_of_all(average: Numbers) -> Numbers:
    """The mean of everybody, by shape, where those who came had `average` days."""
    low, high = np.zeros((len(average), len(_SHAPES))), np.tile(average[:, None], len(_SHAPES))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        came = -np.expm1(-_SHAPES * np.log1p(middle / _SHAPES))
        is_more = middle > average[:, None] * came
        low, high = np.where(is_more, low, middle), np.where(is_more, middle, high)
    return (low + high) / 2


def _likelihood(counts: Numbers, means: Numbers, *, knows_unseen: bool) -> Numbers:
    days = np.arange(counts.shape[1])
    rising = np.log(_SHAPES[None, :] + days[:-1, None]).cumsum(axis=0)
    of_shape = counts @ np.vstack([np.zeros(len(_SHAPES)), rising])
    people, visits = counts.sum(axis=1)[:, None], (counts @ days)[:, None]
    safe = np.maximum(means, 1e-12)
    unseen = _SHAPES * np.log1p(safe / _SHAPES)
    found: Numbers = of_shape - people * unseen + visits * (np.log(safe) - np.log(_SHAPES + safe))
    if not knows_unseen:
        found = found - people * np.log(-np.expm1(-unseen))
    return found
