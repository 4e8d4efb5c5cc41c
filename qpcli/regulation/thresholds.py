"""The QP and Partial QP thresholds of every payment year, with all that was ever published (42 CFR 414.1430(a))."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources.abc import Traversable

from qpcli.regulation.data_files import DATA, Row, contradiction, read_histories
from qpcli.regulation.histories import HISTORY_KEYS, DatedValue, checked, dated_value
from qpcli.regulation.law import Thresholds

FILE = "thresholds.toml"
PERCENTS = ("qp_payment", "partial_payment", "qp_patient", "partial_patient")
KEYS = {"payment_year_from", *PERCENTS} | HISTORY_KEYS


def load_thresholds(payment_years: Iterable[int], folder: Traversable = DATA) -> tuple[DatedValue[Thresholds], ...]:
    """The published history, oldest first, covering the payment years; QP502 when it contradicts itself."""
    histories = read_histories(folder, FILE)
    if set(histories) != {"thresholds"}:
        raise contradiction(FILE, "the one table is [[thresholds]]")
    entries = [_entry(row) for row in histories["thresholds"]]
    return checked(FILE, entries, payment_years)


def _entry(row: Row) -> DatedValue[Thresholds]:
    row.expect(KEYS, {"payment_year_to"})
    return dated_value(row, percents_of(row), "payment_year")


def percents_of(row: Row) -> Thresholds:
    """The four percentages of an entry; QP502 where they cannot be right."""
    percents = Thresholds(*(row.whole_number(name) for name in PERCENTS))
    pairs = ((percents.partial_payment, percents.qp_payment), (percents.partial_patient, percents.qp_patient))
    if not all(0 < partial <= qp <= 100 for partial, qp in pairs):
        raise contradiction(row.where, "a threshold is no percentage, or Partial QP lies above QP")
    return percents
