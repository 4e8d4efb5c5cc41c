"""42 CFR 414.1430(a): QP and Partial QP thresholds of each payment year, as published on each day."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from qpcli.errors import InternalError, UsageError
from qpcli.regulation.data_files import DATA
from qpcli.regulation.dated_rules import all_thresholds, load_histories
from qpcli.regulation.law import Evidence, Thresholds
from qpcli.regulation.resolve import resolve_law
from qpcli.regulation.thresholds import load_thresholds
from qpcli.terms import Method, QpStatus

FIRST = Thresholds(25, 20, 20, 10)
MIDDLE = Thresholds(50, 40, 35, 25)
FULL = Thresholds(75, 50, 50, 35)

RULE_OF_2016 = date(2016, 11, 4)
ACT_OF_2021 = date(2020, 12, 27)
ACT_OF_2023 = date(2022, 12, 29)
ACT_OF_2024 = date(2024, 3, 9)
ACT_OF_2026 = date(2026, 2, 3)
DAY = timedelta(days=1)


def thresholds(performance_year: int, law_as_of: date | None = None) -> Thresholds:
    return resolve_law(performance_year=performance_year, law_as_of=law_as_of).thresholds


def by_payment_year(law_as_of: date | None = None) -> dict[int, Thresholds]:
    return {row.payment_year: row.thresholds for row in all_thresholds(law_as_of)}


def changed_data(tmp_path: Path, old: str, new: str) -> Path:
    """A copy of the shipped data with the first `old` of thresholds.toml replaced."""
    folder = Path(shutil.copytree(Path(str(DATA)), tmp_path / "data"))
    text = (folder / "thresholds.toml").read_text()
    assert old in text
    (folder / "thresholds.toml").write_text(text.replace(old, new, 1))
    return folder


@pytest.mark.parametrize(
    ("performance_year", "payment_year", "expected"),
    [
        (2017, 2019, FIRST),
        (2018, 2020, FIRST),
        (2019, 2021, MIDDLE),
        (2020, 2022, MIDDLE),
        (2021, 2023, MIDDLE),
        (2022, 2024, MIDDLE),
        (2023, 2025, MIDDLE),
        (2024, 2026, MIDDLE),
        (2025, 2027, FULL),
        (2026, 2028, MIDDLE),
        (2027, 2029, FULL),
    ],
)
def test_each_performance_year_has_the_thresholds_of_its_payment_year(
    performance_year: int, payment_year: int, expected: Thresholds
) -> None:
    law = resolve_law(performance_year=performance_year)

    assert (law.payment_year, law.thresholds) == (payment_year, expected)


def test_the_rule_of_2016_set_25_then_50_then_75_percent_from_payment_year_2023_on() -> None:
    middle_and_full = dict.fromkeys([2021, 2022], MIDDLE) | dict.fromkeys(range(2023, 2030), FULL)

    assert by_payment_year(RULE_OF_2016) == dict.fromkeys([2019, 2020], FIRST) | middle_and_full


def test_the_2021_act_froze_the_thresholds_of_payment_years_2023_and_2024() -> None:
    before, on = by_payment_year(ACT_OF_2021 - DAY), by_payment_year(ACT_OF_2021)

    assert (before[2023], before[2024]) == (FULL, FULL)
    assert on == before | {2023: MIDDLE, 2024: MIDDLE}


@pytest.mark.parametrize(("published", "payment_year"), [(ACT_OF_2023, 2025), (ACT_OF_2024, 2026), (ACT_OF_2026, 2028)])
def test_each_later_act_changed_one_payment_year_on_the_day_it_was_published(
    published: date, payment_year: int
) -> None:
    before, on = by_payment_year(published - DAY), by_payment_year(published)

    assert before[payment_year] == FULL
    assert on == before | {payment_year: MIDDLE}


@pytest.mark.parametrize("published", [ACT_OF_2021, ACT_OF_2023, ACT_OF_2024, ACT_OF_2026])
@pytest.mark.parametrize("performance_year", range(2017, 2028))
def test_the_law_of_a_year_changes_on_a_publication_day_only_where_the_act_speaks_of_it(
    published: date, performance_year: int
) -> None:
    act = {ACT_OF_2021: (2023, 2024), ACT_OF_2023: (2025,), ACT_OF_2024: (2026,), ACT_OF_2026: (2028,)}[published]

    has_changed = thresholds(performance_year, published - DAY) != thresholds(performance_year, published)

    assert has_changed == (performance_year + 2 in act)


@pytest.mark.parametrize("performance_year", range(2017, 2028))
def test_the_first_rule_can_be_asked_on_its_day_and_not_the_day_before(performance_year: int) -> None:
    assert thresholds(performance_year, RULE_OF_2016) in (FIRST, MIDDLE, FULL)
    with pytest.raises(UsageError) as raised:
        resolve_law(performance_year=performance_year, law_as_of=RULE_OF_2016 - DAY)
    assert raised.value.code == "QP106"
    assert "2016-11-04" in raised.value.message


def test_the_table_across_years_refuses_a_day_before_the_first_rule_too() -> None:
    with pytest.raises(UsageError) as raised:
        all_thresholds(RULE_OF_2016 - DAY)
    assert raised.value.code == "QP106"


def test_without_a_day_the_newest_publication_counts_and_later_days_add_nothing() -> None:
    assert by_payment_year() == by_payment_year(ACT_OF_2026) == by_payment_year(date(2099, 1, 1))
    assert load_histories().newest == ACT_OF_2026


def test_the_table_across_years_names_authority_and_day_of_each() -> None:
    rows = {row.performance_year: row for row in all_thresholds()}

    assert [row.payment_year for row in rows.values()] == list(range(2019, 2030))
    assert (rows[2025].authority, rows[2025].published) == ("81 FR 77008", RULE_OF_2016)
    assert "Pub. L. 116-260" in rows[2022].authority
    assert "Pub. L. 117-328" in rows[2023].authority
    assert "Pub. L. 118-42" in rows[2024].authority
    assert ("Pub. L. 119-75" in rows[2026].authority, rows[2026].published) == (True, ACT_OF_2026)
    assert rows[2026].evidence is Evidence.SECONDARY
    assert all(row.citation.startswith("42 CFR 414.1430(a)") for row in rows.values())


def test_a_bar_is_taken_by_method_and_status() -> None:
    bars = [FULL.bar(method, status) for method in Method for status in (QpStatus.QP, QpStatus.PARTIAL_QP)]

    assert bars == [75, 50, 50, 35]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("payment_year_from = 2021", "payment_year_from = 2022", "gap before 2022"),
        ("payment_year_to = 2022", "payment_year_to = 2021", "gap before 2023"),
        ("payment_year_from = 2021", "payment_year_from = 2020", "two values published 2016-11-04 for 2020"),
        ("payment_year_to = 2022\n", "", "two values published 2016-11-04 for 2023"),
        ("payment_year_from = 2021", "payment_year_from = 2019", "two values published 2016-11-04 for 2019"),
        ("payment_year_from = 2019", "payment_year_from = 2020", "in 2019"),
        ("payment_year_from = 2023\n", "payment_year_from = 2023\npayment_year_to = 2027\n", "in 2028, 2029"),
        ("payment_year_to = 2020", "payment_year_to = 2018", "backwards from 2019"),
        ("published = 2016-11-04", "published = 2016-11-03", "from the first publication"),
        ("published = 2022-12-29", "published = 2020-12-26", None),
        ("published = 2022-12-29", "published = 2020-12-27", None),
        ("qp_payment = 25", "qp_payment = 101", "no percentage"),
        ("partial_payment = 20", "partial_payment = 26", "above QP"),
        ("partial_patient = 10", "partial_patient = 0", "no percentage"),
        ("qp_payment = 25", 'qp_payment = "25"', "qp_payment is missing or no int"),
        ("qp_payment = 25", "qp_payment = true", "qp_payment is missing or no int"),
        ("qp_payment = 25\n", "", "missing or unknown: qp_payment"),
        ("qp_payment = 25", "qp_payments = 25", "missing or unknown: qp_payment, qp_payments"),
        ("published = 2016-11-04", "published = 2016-11-04T00:00:00", "published is missing or no date"),
        ('evidence = "R"', 'evidence = "X"', "X is no Evidence"),
        ('authority = "81 FR 77008"', 'authority = " "', "authority is blank"),
        ("[[thresholds]]", "[[threshold]]", "the one table"),
        ("[[thresholds]]", "[[thresholds]", "thresholds.toml"),
    ],
)
def test_data_with_a_gap_an_overlap_a_missing_year_or_no_sense_are_refused(
    tmp_path: Path, old: str, new: str, problem: str | None
) -> None:
    folder = changed_data(tmp_path, old, new)
    if problem is None:
        assert load_thresholds(range(2019, 2030), folder)
        return

    with pytest.raises(InternalError) as raised:
        load_thresholds(range(2019, 2030), folder)
    assert raised.value.code == "QP502"
    assert problem in raised.value.message


def test_a_file_that_is_not_there_or_not_utf_8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InternalError, match="cannot be read"):
        load_thresholds([2019], tmp_path)
    (tmp_path / "thresholds.toml").write_bytes(b"\xff")
    with pytest.raises(InternalError, match="cannot be read"):
        load_thresholds([2019], tmp_path)


@pytest.mark.parametrize("text", ["thresholds = 1", "thresholds = [1]", "[thresholds]\nqp_payment = 1"])
def test_a_file_that_is_not_made_of_lists_of_tables_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "thresholds.toml").write_text(text)
    with pytest.raises(InternalError) as raised:
        load_thresholds([2019], tmp_path)
    assert raised.value.code == "QP502"


def test_a_file_without_an_entry_covers_no_year(tmp_path: Path) -> None:
    (tmp_path / "thresholds.toml").write_text("thresholds = []")
    with pytest.raises(InternalError, match="in 2019"):
        load_thresholds([2019], tmp_path)
