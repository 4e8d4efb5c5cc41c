"""What the Physician Fee Schedule pays a QP and anybody else (section 1848(d)(1)(A), (20) of the Act)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from importlib.resources.abc import Traversable

from qpcli.regulation.data_files import DATA, Row, contradiction, read_histories
from qpcli.regulation.histories import HISTORY_KEYS, DatedValue, checked, dated_value, in_force
from qpcli.regulation.law import LawEntry

FILE = "fee_schedule.toml"
UPDATE_KEYS = {"qualifying_hundredths", "other_hundredths", "payment_year_from"} | HISTORY_KEYS
FACTOR_KEYS = {"qualifying", "other", "payment_year_from"} | HISTORY_KEYS
_WHOLE = 10_000
"""Hundredths of a percent in 1."""


@dataclass(frozen=True, slots=True)
class Updates:
    """The yearly updates of the two conversion factors, in hundredths of a percent."""

    qualifying: int
    other: int


@dataclass(frozen=True, slots=True)
class ConversionFactors:
    """The published conversion factors of a year in USD: of QPs, and of anybody else."""

    qualifying: Decimal
    other: Decimal


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """The fee schedule of one payment year.

    `ratio`: what a QP is paid for each dollar paid to anybody else: the published factors, else the statutory updates
    since they differ; 1 before. `factors` None: none is published for the year.
    """

    ratio: Fraction
    factors: ConversionFactors | None
    entries: tuple[LawEntry, ...]

    @property
    def is_higher_for_qps(self) -> bool:
        return self.ratio > 1


@dataclass(frozen=True, slots=True)
class FeeSchedules:
    """Everything published, oldest first, by payment year."""

    updates: tuple[DatedValue[Updates], ...]
    factors: tuple[DatedValue[ConversionFactors], ...]

    def of(self, payment_years: Iterable[int], law_as_of: date) -> FeeSchedule:
        """The fee schedule of the last of the payment years, which are all from the first one on."""
        governing = {year: in_force(self.updates, year, law_as_of) for year in payment_years}
        year, last = list(governing.items())[-1]
        factors = self._published(year, law_as_of)
        if factors is None:
            ratio = _compounded([entry.value for entry in governing.values()])
            return FeeSchedule(ratio, None, (_update_entry(last),))
        ratio = Fraction(factors.value.qualifying) / Fraction(factors.value.other)
        return FeeSchedule(ratio, factors.value, (_update_entry(last), _factor_entry(factors)))

    def _published(self, year: int, law_as_of: date) -> DatedValue[ConversionFactors] | None:
        known = [entry for entry in self.factors if entry.published <= law_as_of and entry.holds_in(year)]
        return max(known, key=lambda entry: entry.published, default=None)


def load_fee_schedules(payment_years: Iterable[int], folder: Traversable = DATA) -> FeeSchedules:
    """The history of updates, covering the payment years, and of factors; QP502 when it contradicts itself."""
    rows = read_histories(folder, FILE)
    if set(rows) != {"update", "conversion_factors"}:
        raise contradiction(FILE, "the tables are [[update]] and [[conversion_factors]]")
    return FeeSchedules(
        updates=checked(f"{FILE} [update]", [_updates(row) for row in rows["update"]], payment_years),
        factors=tuple(_factors(row) for row in rows["conversion_factors"]),
    )


def _updates(row: Row) -> DatedValue[Updates]:
    row.expect(UPDATE_KEYS, {"payment_year_to"})
    value = Updates(row.whole_number("qualifying_hundredths"), row.whole_number("other_hundredths"))
    return dated_value(row, value, "payment_year")


def _factors(row: Row) -> DatedValue[ConversionFactors]:
    row.expect(FACTOR_KEYS, {"payment_year_to"})
    return dated_value(row, ConversionFactors(_usd(row, "qualifying"), _usd(row, "other")), "payment_year")


def _usd(row: Row, key: str) -> Decimal:
    try:
        value = Decimal(row.text(key))
    except InvalidOperation:
        raise contradiction(row.where, f"{key} is no amount") from None
    if value <= 0:
        raise contradiction(row.where, f"{key} is not above 0")
    return value


def _compounded(updates: Sequence[Updates]) -> Fraction:
    ratio = Fraction(1)
    for update in updates:
        ratio *= Fraction(_WHOLE + update.qualifying, _WHOLE + update.other)
    return ratio


def _update_entry(dated: DatedValue[Updates]) -> LawEntry:
    updates = dated.value
    words = f"QPs {percent(updates.qualifying)} %, others {percent(updates.other)} % a year"
    if updates.qualifying == updates.other:
        words = "the same for QPs and others"
    return LawEntry("fee_schedule_update", words, dated.authority, dated.published, dated.citation, dated.evidence)


def _factor_entry(dated: DatedValue[ConversionFactors]) -> LawEntry:
    words = f"QPs ${dated.value.qualifying}, others ${dated.value.other}"
    return LawEntry("conversion_factors", words, dated.authority, dated.published, dated.citation, dated.evidence)


def percent(hundredths: int) -> str:
    """`1.88` for 188, `5` for 500: hundredths of a percent without trailing zeros."""
    return f"{Decimal(hundredths) / 100:f}"
