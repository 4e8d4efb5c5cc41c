"""How many of the services of a snapshot the claims show: from the lag between service and processing.

Claims that are still to come do not show their lag, so a day counts for a lag only when the claims reach so far
(reverse hazards of right-truncated data).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lags:
    """Lines by service day (row, from Jan 1) and days until they were processed (column); `newest`: in days too."""

    lines: Numbers
    first_day: date
    newest: int

    @property
    def newest_date(self) -> date:
        return self.first_day + timedelta(days=self.newest)


def lags_of(processing: pl.DataFrame, first_day: date, last_day: date) -> Lags:
    """The lags of a run that has processing dates; lines processed before their service count as processed at once."""
    day = (processing["service_date"] - first_day).dt.total_days().to_numpy()
    processed = (processing["processed_date"] - first_day).dt.total_days().to_numpy()
    lag = np.maximum(processed - day, 0)
    lines = np.zeros(((last_day - first_day).days + 1, int(lag.max()) + 1))
    np.add.at(lines, (day, lag), processing["line_count"].to_numpy())
    return Lags(lines, first_day, int(processed.max()))


def processed_shares(lags: Lags, prior: Lags | None = None) -> Numbers:
    """Share of lines processed within so many days; 1 from the longest lag on that the claims can show.

    `prior`: another year's lags tell of those that are longer.
    """
    hazards = _reverse_hazards(lags)
    if prior is not None:
        hazards = np.concatenate([hazards, _reverse_hazards(prior)[len(hazards) :]])
    later = np.append(hazards[1:], 0.0)
    shares: Numbers = np.cumprod((1 - later)[::-1])[::-1]
    return shares


def _reverse_hazards(lags: Lags) -> Numbers:
    """Of the lines processed within so many days, the share that came on the last of them."""
    day, lag = np.indices(lags.lines.shape)
    is_told = day + lag <= lags.newest
    came = (lags.lines * is_told).sum(axis=0)
    within = (lags.lines.cumsum(axis=1) * is_told).sum(axis=0)
    hazards: Numbers = np.divide(came, within, out=np.zeros_like(came), where=within > 0)
    return hazards


@dataclass(frozen=True, slots=True)
class Exposure:
    """How much service each day of the period brings, in equal days, and the share of it that is processed in time."""

    weights: Numbers
    shares: Numbers
    first_day: date
    newest: int

    def seen(self, last_day: date) -> float:
        """Service up to a day that the claims show."""
        return float(self._processed_by(self.newest, last_day).sum())

    def final(self, last_day: date, cut_off: date) -> float:
        """Service up to a day that is processed by the end of the run-out."""
        return float(self._processed_by((cut_off - self.first_day).days, last_day).sum())

    def seen_by_month(self, last_day: date) -> MonthsShown:
        """Service of each month up to a day that the claims show."""
        return MonthsShown(self._by_month(self._processed_by(self.newest, last_day), last_day))

    def by_month(self, last_day: date) -> Numbers:
        """All service of each month up to a day."""
        return self._by_month(self.weights[: (last_day - self.first_day).days + 1], last_day)

    def _processed_by(self, day: int, last_day: date) -> Numbers:
        count = (last_day - self.first_day).days + 1
        lag = day - np.arange(count)
        share = np.where(lag < 0, 0.0, self.shares[np.clip(lag, 0, len(self.shares) - 1)])
        return self.weights[:count] * share

    def _by_month(self, days: Numbers, last_day: date) -> Numbers:
        by_month: Numbers = np.bincount(_months(self.first_day, len(days)), days, last_day.month).astype(np.float64)
        return by_month


def exposure(lags: Lags, prior: Lags | None = None) -> Exposure:
    """The exposure of a year: weekdays as the claims show them, months as those of a prior year, where one is given."""
    shares = processed_shares(lags, prior)
    even = Exposure(np.ones(len(lags.lines)), shares, lags.first_day, lags.newest)
    weekdays = _relative(lags, even, _weekdays(lags.first_day, len(lags.lines)))
    weights = weekdays[_weekdays(lags.first_day, len(lags.lines))]
    if prior is not None:
        months = _months(lags.first_day, len(lags.lines))
        weights = weights * _seasons(prior)[months]
    return Exposure(weights, shares, lags.first_day, lags.newest)


@dataclass(frozen=True, slots=True)
class MonthsShown:
    """Exposure of each month of a snapshot that the claims show."""

    exposures: Numbers

    @property
    def told(self) -> dict[int, float]:
        """Months that tell how months differ: those that show a good part of the month that shows most."""
        least = _LEAST_SHOWN * self.exposures.max()
        return {month: float(shown) for month, shown in enumerate(self.exposures) if shown >= least}

    @property
    def early(self) -> int:
        """The last month of about the first half of what the claims show; others are left after it."""
        share = self.exposures.cumsum() / self.exposures.sum()
        last = max(len(self.told) - 2, 0)
        return int(np.abs(share[: last + 1] - 0.5).argmin())

    @property
    def later_growth(self) -> float:
        """What the months after the early ones add to these."""
        early = self.exposures[: self.early + 1].sum()
        return float(self.exposures.sum() / early - 1)


_LEAST_SHOWN = 0.25


def unevenness(lags: Lags, months: MonthsShown) -> float:
    """How much months differ in lines for the same exposure, as a share of their average."""
    lines = np.bincount(_months(lags.first_day, len(lags.lines)), weights=lags.lines.sum(axis=1))
    rates = np.array([lines[month] / shown for month, shown in months.told.items()])
    return float(rates.std(ddof=1) / rates.mean()) if len(rates) > 1 else 0.0


def _seasons(prior: Lags) -> Numbers:
    own = exposure(prior)
    return _relative(prior, own, _months(prior.first_day, len(prior.lines)))


def _relative(lags: Lags, expected: Exposure, kinds: NDArray[np.intp]) -> Numbers:
    """Lines of each kind of day over those expected of it; 1 for a kind of day that the claims do not show."""
    count = len(lags.lines)
    seen = expected._processed_by(lags.newest, lags.first_day + timedelta(days=count - 1))
    lines = np.bincount(kinds, weights=lags.lines.sum(axis=1))
    days = np.bincount(kinds, weights=seen)
    rate = lines.sum() / days.sum()
    relative: Numbers = np.divide(lines, days * rate, out=np.ones_like(lines), where=days > 0)
    return relative


def _weekdays(first_day: date, count: int) -> NDArray[np.intp]:
    return (first_day.weekday() + np.arange(count)) % 7


def _months(first_day: date, count: int) -> NDArray[np.intp]:
    """Months of the days from the first on, from 0."""
    days = np.datetime64(first_day) + np.arange(count)
    months: NDArray[np.intp] = days.astype("datetime64[M]").astype(np.intp) % 12
    return months
