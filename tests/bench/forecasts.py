"""How often the intervals of `qpcli forecast` hold what comes: synthetic years, forecast early and then completed.

python -m tests.bench.forecasts [--years 200] [--seed 1]

Each year is a market of its own: how many people, how often and how regularly they come, what it brings, how seasons
and weeks differ, how late claims are. None of it is told to the forecast, and little of it is as the forecast assumes:
procedures come in series, weeks have luck in common, people have habits.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.random import Generator
from rich.console import Console
from rich.table import Table

from qpcli.analysis.forecasting.forecast import Question, forecast
from qpcli.analysis.forecasting.result import Forecast
from qpcli.calculation import CanonicalTables, ClaimsShard
from qpcli.regulation.resolve import resolve_law
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.beneficiaries import BENEFICIARIES
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.participants import PARTICIPANTS
from tests.support.in_memory import frame_of, outcome_of_tables
from tests.support.kept_worlds import finished_of_tables

ENTITY = "E1"
DAYS = 243
CLINICIANS = [(f"{tin:09d}", f"{1000000000 + tin * 10 + n}") for tin in (1, 2, 3) for n in range(3)]


@dataclass(frozen=True, slots=True)
class Market:
    """What a year is like; drawn anew for each."""

    performance_year: int
    people: int
    attributed_share: float
    visits: tuple[float, float]
    """Of somebody attributed and of somebody else, from January to August."""
    alike: float
    """Shape of how often people come: below 1 a few come often, above 1 all come about as often."""
    procedures: float
    series: float
    lag_days: float
    late_share: float
    season: tuple[float, ...]
    week_luck: float


def market(draws: Generator) -> Market:
    """A market that the forecast knows nothing of."""
    return Market(
        performance_year=int(draws.choice([2024, 2025, 2026])),
        people=int(np.exp(draws.uniform(np.log(400), np.log(6000)))),
        attributed_share=float(draws.uniform(0.15, 0.5)),
        visits=(float(draws.uniform(1.5, 5)), float(draws.uniform(0.5, 2.5))),
        alike=float(np.exp(draws.uniform(np.log(0.5), np.log(4)))),
        procedures=float(draws.uniform(0.1, 0.8)),
        series=float(draws.uniform(1, 5)),
        lag_days=float(draws.uniform(10, 30)),
        late_share=float(draws.uniform(0.02, 0.15)),
        season=tuple(draws.uniform(0.9, 1.1, size=8)),
        week_luck=float(draws.uniform(0, 0.08)),
    )


@dataclass(frozen=True, slots=True)
class Year:
    """The claim lines of a whole year, and the lists."""

    performance_year: int
    lines: pl.DataFrame
    people: pl.DataFrame
    attribution: pl.DataFrame
    participants: pl.DataFrame

    def tables(self, as_of: date | None = None) -> CanonicalTables:
        """Everything, or what is processed by a day."""
        lines = self.lines if as_of is None else self.lines.filter(pl.col("processed_date") <= as_of)
        shard = ClaimsShard(lines.lazy(), self.people, self.attribution)
        return CanonicalTables((shard,), self.participants, None, self.attribution.select("apm_entity_id").unique())


def year(told: Market, draws: Generator) -> Year:
    """One year of a market."""
    first_day = date(told.performance_year, 1, 1)
    is_attributed = draws.random(told.people) < told.attributed_share
    often = draws.gamma(told.alike, 1 / told.alike, told.people) * np.where(is_attributed, *told.visits)
    treated = draws.gamma(0.7, 1 / 0.7, told.people) * told.procedures
    day_chance = _day_chances(told, first_day, draws)
    visits = np.repeat(np.arange(told.people), draws.poisson(often))
    visit_days = draws.choice(DAYS, size=len(visits), p=day_chance)
    began = np.repeat(np.arange(told.people), draws.poisson(treated))
    began_days = draws.choice(DAYS, size=len(began), p=day_chance)
    lengths = draws.geometric(1 / told.series, len(began))
    treatments, treatment_days = np.repeat(began, lengths), np.repeat(began_days, lengths)
    treatment_days = treatment_days + draws.integers(0, 28, len(treatment_days))
    in_time = treatment_days < DAYS
    parts = [
        _lines("V", visits, visit_days, draws.choice(["99213", "99214"], len(visits)), 95.0, 0.4, told, draws),
        _lines("L", visits, visit_days, np.full(len(visits), "93000"), 25.0, 0.6, told, draws, share=0.3),
        _lines(
            "P",
            treatments[in_time],
            treatment_days[in_time],
            np.full(int(in_time.sum()), "20610"),
            140.0,
            1.0,
            told,
            draws,
        ),
    ]
    names = [f"B{n:06d}" for n in range(told.people)]
    return Year(
        told.performance_year,
        pl.concat(parts),
        _people(names, told.performance_year),
        frame_of(ATTRIBUTION, [_attributed(name) for name, is_in in zip(names, is_attributed, strict=True) if is_in]),
        frame_of(PARTICIPANTS, [_participant(tin, npi, first_day) for tin, npi in CLINICIANS]),
    )


def _day_chances(told: Market, first_day: date, draws: Generator) -> Any:
    days = [first_day + timedelta(days=n) for n in range(DAYS)]
    weekday = np.array([[1.05, 1.1, 1.05, 1.0, 0.8, 0.05, 0.02][day.weekday()] for day in days])
    luck = np.exp(told.week_luck * draws.standard_normal(DAYS // 7 + 1))
    weights = weekday * np.array([told.season[day.month - 1] for day in days]) * luck[np.arange(DAYS) // 7]
    return weights / weights.sum()


def _lines(
    kind: str,
    person: Any,
    day: Any,
    codes: Any,
    dollars: float,
    spread: float,
    told: Market,
    draws: Generator,
    share: float = 1.0,
) -> pl.DataFrame:
    """Original lines, each by one of a person's few clinicians, processed some time after the service."""
    chosen = draws.random(len(person)) < share
    person, day, codes = person[chosen], day[chosen], codes[chosen]
    count = len(person)
    lag = draws.gamma(4, told.lag_days / 4, count) + (draws.random(count) < told.late_share) * draws.exponential(
        45, count
    )
    clinician = (person + (draws.random(count) < 0.2)) % len(CLINICIANS)
    sigma = np.sqrt(np.log1p(spread**2))
    cents = np.round(100 * dollars * np.exp(draws.normal(-(sigma**2) / 2, sigma, count))).astype(np.int64)
    first_day = date(told.performance_year, 1, 1)
    named = pl.DataFrame(
        {
            "bene_id": [f"B{n:06d}" for n in person],
            "claim_id": [f"{kind}{n}" for n in range(count)],
            "tin": [CLINICIANS[n][0] for n in clinician],
            "npi": [CLINICIANS[n][1] for n in clinician],
            "service_date": [first_day + timedelta(days=int(n)) for n in day],
            "processed_date": [first_day + timedelta(days=int(n)) for n in day + lag.astype(int)],
            "hcpcs": codes,
            "paid_cents": cents,
        }
    )
    rest = frame_of(CLAIM_LINES, [{"setting": "professional", "line_number": 1}]).drop(named.columns)
    return named.join(rest, how="cross")


def _people(names: list[str], performance_year: int) -> pl.DataFrame:
    facts = {
        "birth_date": date(1940, 1, 1),
        "start_date": date(performance_year - 1, 1, 1),
        "has_part_a": True,
        "has_part_b": True,
        "is_managed_care": False,
        "is_medicare_secondary": False,
        "is_us_resident": True,
    }
    return frame_of(BENEFICIARIES, [{"bene_id": name, **facts} for name in names])


def _attributed(name: str) -> dict[str, Any]:
    return {"apm_entity_id": ENTITY, "bene_id": name, "start_date": date(2020, 1, 1)}


def _participant(tin: str, npi: str, first_day: date) -> dict[str, Any]:
    ids = {"apm_id": "A", "apm_entity_id": ENTITY, "tin": tin, "npi": npi, "list_type": "participation"}
    return {**ids, "start_date": first_day}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One score: what was forecast, and what came, in percent."""

    newest: date
    basis: str
    method: str
    so_far: float | None
    low: float
    middle: float
    high: float
    came: float
    qp_chance: float
    is_qp: bool


def outcomes(seed: int) -> Iterator[Outcome]:
    """One year forecast at some day from April to October, and completed."""
    draws = np.random.default_rng(seed)
    told = market(draws)
    whole = year(told, draws)
    as_of = date(told.performance_year, 4, 10) + timedelta(days=int(draws.integers(0, 190)))
    law = resolve_law(performance_year=told.performance_year)
    answer: Forecast = forecast(finished_of_tables(whole.tables(as_of), law), Question())
    final = outcome_of_tables(whole.tables(), law).threshold_scores
    last = {row["basis"]: row for row in final if row["level"] == "apm_entity" and row["snapshot"] == 3}
    for score in answer.entities[0].scores:
        assert score.expected is not None
        name = "payment" if score.method == "payment_amount" else "patient"
        row = last[score.basis]
        came = 100 * float(row[f"{name}_numerator"]) / float(row[f"{name}_denominator"])
        yield Outcome(
            answer.completeness.newest,
            score.basis,
            name,
            score.so_far,
            score.expected.low,
            score.expected.middle,
            score.expected.high,
            came,
            score.qp_chance,
            row[f"{name}_status"] == "QP",
        )


def summary(found: pl.DataFrame, by: str) -> pl.DataFrame:
    """Intervals by a column: how many, how many percent held what came, how wide; errors in percentage points."""
    came = pl.col("came")
    return (
        found.group_by(by)
        .agg(
            intervals=pl.len(),
            inside=100 * pl.col("low").le(came).and_(pl.col("high").ge(came)).mean(),
            width=(pl.col("high") - pl.col("low")).mean(),
            bias=(pl.col("middle") - came).mean(),
            error=(pl.col("middle") - came).abs().mean(),
            error_of_so_far=(pl.col("so_far") - came).abs().mean(),
        )
        .sort(by)
    )


def main() -> None:
    """Print how many intervals held what came, by method and basis, by month of the forecast, and in all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    rows = [asdict(one) for n in range(asked.years) for one in outcomes(asked.seed * 1_000_000 + n)]
    found = pl.DataFrame(rows).with_columns(
        score=pl.concat_str("method", "basis", separator=" "),
        month=pl.col("newest").dt.strftime("%m"),
        all=pl.lit(f"{asked.years} years"),
    )
    console = Console()
    for by in ("score", "month", "all"):
        table = Table(*(summary(found, by).columns))
        for row in summary(found, by).iter_rows():
            table.add_row(*(f"{value:.2f}" if isinstance(value, float) else str(value) for value in row))
        console.print(table)


if __name__ == "__main__":
    main()
