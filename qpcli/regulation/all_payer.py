"""The All-Payer Combination Option: Medicare minimums and excluded payers (42 CFR 414.1430(b), 414.1440(a))."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources.abc import Traversable

from qpcli.regulation.data_files import DATA, Row, contradiction, read_histories
from qpcli.regulation.histories import HISTORY_KEYS, DatedValue, checked, dated_value
from qpcli.regulation.law import AllPayerOption
from qpcli.regulation.thresholds import PERCENTS, percents_of
from qpcli.terms import PayerType

FILE = "all_payer.toml"
KEYS = {"payment_year_from", "excluded_payers", *PERCENTS} | HISTORY_KEYS


def load_all_payer(payment_years: Iterable[int], folder: Traversable = DATA) -> tuple[DatedValue[AllPayerOption], ...]:
    """The published history, oldest first; it covers the payment years from its own first one on.

    QP502 when it contradicts itself.
    """
    histories = read_histories(folder, FILE)
    if set(histories) != {"all_payer"}:
        raise contradiction(FILE, "the one table is [[all_payer]]")
    entries = [_entry(row) for row in histories["all_payer"]]
    first = min((entry.first_year for entry in entries), default=0)
    return checked(FILE, entries, [year for year in payment_years if year >= first])


def _entry(row: Row) -> DatedValue[AllPayerOption]:
    row.expect(KEYS, {"payment_year_to"})
    excluded = frozenset(row.as_member(name, PayerType) for name in row.texts("excluded_payers"))
    return dated_value(row, AllPayerOption(percents_of(row), excluded), "payment_year")
