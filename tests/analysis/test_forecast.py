"""Forecasts: lags of claims that are still to come, people who are still to come, and what becomes of the scores."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.forecasting.coming import fitted
from qpcli.analysis.forecasting.forecast import Question, forecast
from qpcli.analysis.forecasting.observed import Comers, Observed, Stratum
from qpcli.analysis.forecasting.projection import REPLICATES, Sums, ToCome, projected, so_far
from qpcli.analysis.forecasting.result import Forecast, ScoreForecast
from qpcli.analysis.forecasting.run_out import MonthsShown, exposure, lags_of, processed_shares
from qpcli.errors import InputError, UsageError
from qpcli.regulation.resolve import resolve_law
from qpcli.terms import Method, QpStatus, ServiceBasis
from tests.bench.forecasts import market, outcomes, year
from tests.support.kept_worlds import finished_of_tables

FIRST, LAST = date(2025, 1, 1), date(2025, 8, 31)
LATE = {0: 10, 10: 50, 40: 30, 70: 10}
"""Lines of every day by the days until they are processed."""


def processing(newest: date, lags: dict[int, int] = LATE, weekend: float = 1.0, last: date = LAST) -> pl.DataFrame:
    rows = []
    for number in range((last - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        share = weekend if day.weekday() >= 5 else 1.0
        rows += [(day, day + timedelta(days=lag), round(count * share)) for lag, count in lags.items()]
    kept = [row for row in rows if row[1] <= newest]
    return pl.DataFrame(kept, schema=["service_date", "processed_date", "line_count"], orient="row")


@pytest.fixture(scope="module")
def spring() -> FinishedRun:
    """A year of the benchmark as it looked on May 20."""
    draws = np.random.default_rng(11)
    told = replace(market(draws), performance_year=2026, people=500)
    tables = year(told, draws).tables(date(2026, 5, 20))
    return finished_of_tables(tables, resolve_law(performance_year=2026))


# Lags


def test_the_share_processed_is_that_of_complete_claims_though_the_last_months_are_cut() -> None:
    shares = processed_shares(lags_of(processing(date(2025, 4, 20)), FIRST, LAST))
    assert [shares[lag] for lag in (0, 9, 10, 39, 40, 69, 70)] == pytest.approx([0.1, 0.1, 0.6, 0.6, 0.9, 0.9, 1.0])


def test_lags_longer_than_the_claims_can_show_are_told_by_a_prior_year() -> None:
    early, whole = (lags_of(processing(day), FIRST, LAST) for day in (date(2025, 3, 1), date(2026, 1, 1)))
    alone, with_prior = processed_shares(early), processed_shares(early, whole)
    assert (len(alone), len(with_prior)) == (41, 71)
    assert alone[39] == pytest.approx(0.6 / 0.9)
    assert with_prior[39] == pytest.approx(0.6)


def test_days_without_service_are_no_exposure() -> None:
    exposed = exposure(lags_of(processing(date(2025, 6, 30), weekend=0.0), FIRST, LAST))
    assert exposed.weights[FIRST.weekday() : 7].sum() > 0
    days = [FIRST + timedelta(days=n) for n in range(len(exposed.weights))]
    assert {round(w, 6) for w, day in zip(exposed.weights, days, strict=True) if day.weekday() >= 5} == {0.0}


def test_what_is_seen_of_a_snapshot_is_all_of_it_only_when_its_run_out_is_over() -> None:
    cut_off = date(2025, 5, 30)
    before, after = (exposure(lags_of(processing(day), FIRST, LAST)) for day in (date(2025, 5, 1), cut_off))
    march = date(2025, 3, 31)
    assert before.seen(march) < before.final(march, cut_off)
    assert after.seen(march) == pytest.approx(after.final(march, cut_off))


def test_seasons_of_a_prior_year_weigh_the_months_to_come() -> None:
    rows = processing(date(2026, 1, 1))
    busy = rows.with_columns(
        line_count=pl.when(pl.col("service_date").dt.month() == 8)
        .then(pl.col("line_count") * 2)
        .otherwise("line_count")
    )
    now = lags_of(processing(date(2025, 5, 1)), FIRST, LAST)
    even, seasonal = exposure(now), exposure(now, lags_of(busy, FIRST, LAST))
    ratio = seasonal.by_month(LAST) / even.by_month(LAST)
    assert ratio[7] / ratio[3] == pytest.approx(2.0, rel=0.01)


def test_early_months_are_about_half_and_leave_others() -> None:
    assert MonthsShown(np.array([20.0, 20.0, 20.0, 5.0])).early == 1
    assert MonthsShown(np.array([20.0, 20.0])).early == 0
    assert MonthsShown(np.array([20.0, 20.0])).later_growth == pytest.approx(1.0)


# Who is still to come


def counts_of(visits: np.ndarray) -> np.ndarray:
    return np.bincount(visits, minlength=2)[None, :]


def test_nobody_is_still_to_come_without_time() -> None:
    for knows_unseen in (True, False):
        rates = fitted(counts_of(np.array([0, 0, 1, 1, 2, 5])), knows_unseen=knows_unseen)
        assert rates.comes(0.0) == pytest.approx([0.0])
        assert rates.new_per_seen(0.0) == pytest.approx([0.0])


def test_where_nobody_has_come_twice_all_who_come_are_new() -> None:
    rates = fitted(counts_of(np.ones(50, dtype=np.int64)), knows_unseen=False)
    assert rates.new_per_seen(1.5) == pytest.approx([1.5], rel=1e-3)


@pytest.mark.parametrize(("shape", "mean"), [(0.6, 1.5), (2.0, 1.0), (5.0, 3.0)])
@pytest.mark.parametrize("knows_unseen", [True, False])
def test_newcomers_are_those_of_the_rates_that_made_the_visits(shape: float, mean: float, knows_unseen: bool) -> None:
    draws = np.random.default_rng(3)
    rates = draws.gamma(shape, mean / shape, 40_000)
    first, later = draws.poisson(rates), draws.poisson(rates * 1.5)
    is_new = (first == 0) & (later > 0)
    told = fitted(counts_of(first), knows_unseen=knows_unseen)
    expected = told.new_per_seen(1.5)[0] * (first > 0).sum()
    assert expected == pytest.approx(is_new.sum(), rel=0.06)
    assert told.comes(1.5)[0] == pytest.approx(is_new.sum() / (first == 0).sum(), rel=0.06)


# Scores


def comers(*people: int, knows_unseen: bool) -> Comers:
    return Comers(np.array(people), np.array(people), 0, knows_unseen)


def entity(waiting: float = 0.0) -> Observed:
    inside = Stratum(comers(5, 20, 20, knows_unseen=True), None, 60_000.0, 900.0, waiting, waiting**2)
    outside = Stratum(comers(0, 40, 20, knows_unseen=False), None, 40_000.0, 900.0)
    return Observed("E1", ServiceBasis.EM, inside, outside)


def to_come(growth: float) -> ToCome:
    return ToCome(np.full(REPLICATES, growth), np.full(REPLICATES, growth * 60), 1.0)


def test_without_anything_to_come_the_scores_are_those_so_far() -> None:
    now, coming = so_far(entity()), projected(entity(), to_come(0.0), np.random.RandomState(1))
    for method in Method:
        assert set(coming[method].scores) == set(now[method].scores)
    assert now[Method.PAYMENT_AMOUNT].scores == pytest.approx([60.0])
    assert now[Method.PATIENT_COUNT].scores == pytest.approx([40.0])


def test_dollars_wait_for_a_qualifying_service() -> None:
    without, waiting = (
        projected(one, to_come(1.0), np.random.RandomState(1))[Method.PAYMENT_AMOUNT] for one in (entity(), entity(9e6))
    )
    assert so_far(entity(9e6))[Method.PAYMENT_AMOUNT].scores == pytest.approx([60.0])
    assert np.median(waiting.scores) > np.median(without.scores) + 5


def test_more_is_unsure_when_more_is_to_come() -> None:
    spread = [
        np.ptp(np.percentile(projected(entity(), to_come(growth), np.random.RandomState(1))[method].scores, [10, 90]))
        for method in Method
        for growth in (0.1, 2.0)
    ]
    assert spread[1] > 1.5 * spread[0]
    assert spread[3] > 1.5 * spread[2]


def test_a_replicate_is_qp_from_the_threshold_on() -> None:
    thresholds = resolve_law(performance_year=2025).thresholds
    sums = Sums(np.array([75.0, 74.999, 50.0, 49.999, 0.0]), np.array([100.0, 100.0, 100.0, 100.0, 0.0]))
    assert list(sums.ranks(thresholds, Method.PAYMENT_AMOUNT)) == [2, 1, 1, 0, 0]


# The whole answer


def test_the_same_question_has_the_same_answer_whoever_else_is_asked_for(spring: FinishedRun) -> None:
    everybody, alone = forecast(spring, Question()), forecast(spring, Question(apm_entity_id="E1"))
    assert everybody.entities[0] == alone.entities[0]
    assert len(alone.entities[0].scores) == 4


def test_what_is_so_far_is_what_the_run_says_of_the_snapshot(spring: FinishedRun) -> None:
    said = spring.tables["threshold_scores"].filter(pl.col("level") == "apm_entity", pl.col("snapshot") == 3)
    for row in said.iter_rows(named=True):
        told = {one.method: one.so_far for one in _entity(forecast(spring, Question())) if one.basis == row["basis"]}
        assert told[Method.PAYMENT_AMOUNT] == pytest.approx(row["payment_score"] / 10_000, abs=1e-4)
        assert told[Method.PATIENT_COUNT] == pytest.approx(row["patient_score"] / 10_000, abs=1e-4)


def _entity(answer: Forecast) -> tuple[ScoreForecast, ...]:
    return answer.entities[0].scores


def test_a_snapshot_whose_run_out_is_over_is_refused_and_counts_as_reached(spring: FinishedRun) -> None:
    law = spring.law
    late = date(2026, 6, 15)
    draws = np.random.default_rng(11)
    told = replace(market(draws), performance_year=2026, people=500)
    run = finished_of_tables(year(told, draws).tables(late), law)
    with pytest.raises(InputError) as refused:
        forecast(run, Question(snapshot=1))
    assert refused.value.code == "QP220"
    assert forecast(run, Question()).entities[0].reached in set(QpStatus)
    assert forecast(spring, Question()).entities[0].reached is None


def test_what_a_run_does_not_have_cannot_be_asked(spring: FinishedRun) -> None:
    for question in (Question(snapshot=4), Question(apm_entity_id="E9")):
        with pytest.raises(UsageError) as refused:
            forecast(spring, question)
        assert refused.value.code == "QP101"


def test_claims_without_processing_dates_or_of_a_few_weeks_tell_nothing(spring: FinishedRun) -> None:
    rows = spring.kept_table("processing")
    january = rows.filter(pl.col("processed_date") < date(2026, 2, 20))
    for told in (rows.clear(), january):
        with pytest.raises(InputError) as refused:
            forecast(replace(spring, kept={**spring.kept, "processing": told}), Question())
        assert refused.value.code == "QP220"
    with pytest.raises(InputError):
        forecast(replace(spring, kept={}), Question())


def test_a_prior_year_is_used_where_it_is_given(spring: FinishedRun) -> None:
    draws = np.random.default_rng(12)
    told = replace(market(draws), performance_year=2025, people=500)
    prior = finished_of_tables(year(told, draws).tables(), resolve_law(performance_year=2025))
    alone, helped = (forecast(spring, Question(prior=one)) for one in (None, prior))
    assert (alone.has_prior, helped.has_prior) == (False, True)
    assert alone.completeness.share != helped.completeness.share


def test_intervals_hold_what_came_about_as_often_as_they_say() -> None:
    """A few years of the benchmark: `python -m tests.bench.forecasts` tells of two hundred."""
    found = [one.low <= one.came <= one.high for seed in range(16) for one in outcomes(seed)]
    assert len(found) >= 32
    assert 0.6 <= np.mean(found) <= 0.97
