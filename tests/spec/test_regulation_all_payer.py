"""42 CFR 414.1430(b), 414.1440(a): Medicare minimums and excluded payers of the All-Payer Combination Option."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from qpcli.errors import InternalError, UsageError
from qpcli.regulation.all_payer import load_all_payer
from qpcli.regulation.data_files import DATA
from qpcli.regulation.law import Thresholds
from qpcli.regulation.resolve import resolve_law
from qpcli.terms import PayerType


@pytest.mark.parametrize("performance_year", range(2019, 2028))
def test_the_minimums_and_the_excluded_payers_are_the_same_in_every_year(performance_year: int) -> None:
    option = resolve_law(performance_year=performance_year).all_payer
    assert option is not None
    assert option.medicare_minimums == Thresholds(25, 20, 20, 10)
    assert option.excluded_payers == {PayerType.DOD, PayerType.VA}


@pytest.mark.parametrize("performance_year", [2017, 2018])
def test_payment_years_2019_and_2020_have_no_option(performance_year: int) -> None:
    assert resolve_law(performance_year=performance_year).all_payer is None


def test_the_option_was_published_with_the_first_rule() -> None:
    assert resolve_law(performance_year=2024, law_as_of=date(2016, 11, 4)).all_payer is not None
    with pytest.raises(UsageError) as raised:
        resolve_law(performance_year=2024, law_as_of=date(2016, 11, 3))
    assert raised.value.code == "QP106"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("qp_payment = 25", "qp_payment = 15"),
        ('"va"]', '"nobody"]'),
        ("partial_patient = 10", "partial_patient = 0"),
        ("[[all_payer]]", "[[other]]"),
        ("payment_year_from = 2021", "payment_year_from = 2021\npayment_year_to = 2022"),
    ],
)
def test_data_that_contradict_themselves_are_refused(tmp_path: Path, old: str, new: str) -> None:
    folder = Path(shutil.copytree(Path(str(DATA)), tmp_path / "data"))
    text = (folder / "all_payer.toml").read_text()
    assert old in text
    (folder / "all_payer.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(InternalError) as raised:
        load_all_payer(range(2019, 2030), folder)
    assert raised.value.code == "QP502"
