"""42 CFR 414.1305: HCPCS code ranges, the E/M list and what is not a covered professional service."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from qpcli.errors import InternalError
from qpcli.regulation.code_lists import codes_of, is_hcpcs, load_code_lists, range_problem, ranges_overlap
from qpcli.regulation.data_files import DATA
from qpcli.regulation.law import CodeRange, Evidence

LISTS = load_code_lists()


def code_range(code_from: str, code_to: str, first: str = "2017-01-01", last: str | None = None) -> CodeRange:
    last_date = None if last is None else date.fromisoformat(last)
    return CodeRange(code_from, code_to, date.fromisoformat(first), last_date, "test")


def is_em(code: str, day: str) -> bool:
    return _holds(LISTS.em_code_sets["default"], code, day)


def is_not_covered(code: str, day: str = "2024-01-01") -> bool:
    return _holds(LISTS.not_covered_ranges, code, day)


def _holds(ranges: tuple[CodeRange, ...], code: str, day: str) -> bool:
    on = date.fromisoformat(day)
    return any(
        code in codes_of(r) and r.first_date <= on and (r.last_date is None or on <= r.last_date) for r in ranges
    )


def test_a_range_of_digits_counts_up_and_keeps_leading_zeros() -> None:
    assert list(codes_of(code_range("00098", "00101"))) == ["00098", "00099", "00100", "00101"]


@pytest.mark.parametrize(
    ("code", "is_in"),
    [
        ("0001U", True),
        ("0100U", True),
        ("0999U", True),
        ("0000U", False),
        ("1000U", False),
        ("0100T", False),
        ("00100", False),
        ("U0100", False),
    ],
)
def test_a_code_is_in_a_range_when_its_letter_stands_alike_and_its_digits_lie_between(code: str, is_in: bool) -> None:
    assert (code in codes_of(code_range("0001U", "0999U"))) is is_in


@pytest.mark.parametrize(
    ("code", "is_in"), [("J0000", True), ("J9999", True), ("K0000", False), ("0000J", False), ("99999", False)]
)
def test_a_range_of_one_letter_holds_that_letter_only(code: str, is_in: bool) -> None:
    assert (code in codes_of(code_range("J0000", "J9999"))) is is_in


def test_digits_on_both_sides_of_a_letter_count_as_one_number() -> None:
    assert list(codes_of(code_range("1A998", "2A001"))) == ["1A998", "1A999", "2A000", "2A001"]


def test_a_range_of_one_code_is_that_code() -> None:
    assert list(codes_of(code_range("G0402", "G0402"))) == ["G0402"]


@pytest.mark.parametrize(
    ("code_from", "code_to", "problem"),
    [
        ("0001U", "0999T", "different shape"),
        ("A0000", "B9999", "different shape"),
        ("99201", "G0402", "different shape"),
        ("99499", "99201", "99201 comes before 99499"),
        ("9921", "99215", "not five letters and digits"),
        ("99211", "992155", "not five letters and digits"),
        ("j0000", "j9999", "not five letters and digits"),
        ("ABCDE", "ABCDE", "not five letters and digits"),
        ("\u0660\u0660\u0660\u0660\u0661", "\u0660\u0660\u0660\u0660\u0662", "not five letters and digits"),
    ],
)
def test_a_range_of_unlike_or_reversed_codes_is_an_error(code_from: str, code_to: str, problem: str) -> None:
    with pytest.raises(InternalError) as raised:
        codes_of(code_range(code_from, code_to))
    assert raised.value.code == "QP502"
    assert problem in raised.value.message


def test_a_range_whose_dates_run_backwards_is_an_error_and_one_of_a_day_is_not() -> None:
    assert range_problem(code_range("99201", "99499", "2024-01-02", "2024-01-01")) is not None
    assert range_problem(code_range("99201", "99499", "2024-01-01", "2024-01-01")) is None


@pytest.mark.parametrize(("code", "is_code"), [("99213", True), ("0001U", True), ("G0402", True), ("100", False)])
def test_an_hcpcs_code_has_five_places_with_a_digit(code: str, is_code: bool) -> None:
    assert is_hcpcs(code) is is_code


@pytest.mark.parametrize(
    ("one", "other", "do_overlap"),
    [
        (code_range("99201", "99215"), code_range("99215", "99220"), True),
        (code_range("99201", "99215"), code_range("99216", "99220"), False),
        (code_range("99216", "99220"), code_range("99201", "99215"), False),
        (code_range("0001U", "0999U"), code_range("0001T", "0999T"), False),
        (code_range("99201", "99215", last="2020-12-31"), code_range("99201", "99215", "2021-01-01"), False),
        (code_range("99201", "99215", last="2021-01-01"), code_range("99201", "99215", "2021-01-01"), True),
        (code_range("99201", "99215", "2021-01-01"), code_range("99201", "99215", last="2020-12-31"), False),
    ],
)
def test_ranges_overlap_when_they_share_a_code_on_a_day(one: CodeRange, other: CodeRange, do_overlap: bool) -> None:
    assert ranges_overlap(one, other) is do_overlap


@pytest.mark.parametrize(
    ("code", "day", "counts"),
    [
        ("99200", "2024-01-01", False),
        ("99201", "2024-01-01", True),
        ("99499", "2024-01-01", True),
        ("99500", "2024-01-01", False),
        ("G0439", "2024-01-01", True),
        ("93306", "2024-01-01", False),
        ("G2212", "2020-12-31", False),
        ("G2212", "2021-01-01", True),
        ("G0316", "2022-12-31", False),
        ("G0316", "2023-01-01", True),
        ("G0556", "2024-12-31", False),
        ("G0556", "2025-01-01", True),
    ],
)
def test_the_default_list_of_em_services_goes_by_the_date_of_service(code: str, day: str, counts: bool) -> None:
    assert is_em(code, day) is counts


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        ("80047", "80046"),
        ("84999", "85000"),
        ("85059", "85060"),
        ("85096", "85097"),
        ("86076", "86077"),
        ("86484", "86485"),
        ("86581", "86580"),
        ("J1100", "99213"),
        ("0001U", "0100T"),
        ("Q0090", "Q0091"),
        ("Q0093", "Q0092"),
        ("G0463", "G0464"),
        ("T1015", "00100"),
        ("V5364", "V5365"),
    ],
)
def test_what_other_fee_schedules_pay_is_not_covered_and_the_code_beside_it_is(inside: str, outside: str) -> None:
    assert is_not_covered(inside)
    assert not is_not_covered(outside)


def test_a_dated_exclusion_begins_on_its_day() -> None:
    assert not is_not_covered("U0001", "2019-12-31")
    assert is_not_covered("U0001", "2020-01-01")


def test_anesthesia_is_covered() -> None:
    assert not any(is_not_covered(code) for code in ("00100", "01999"))


def test_the_lists_are_assumptions_and_name_no_publication() -> None:
    for source in LISTS.sources.values():
        assert (source.evidence, source.published) == (Evidence.ASSUMPTION, None)
        assert "qpcli" in source.authority


def test_the_status_codes_that_count_are_data() -> None:
    assert LISTS.pfs_statuses == frozenset("ACJRT")


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("em_services.csv", "default,G0402,G0402", "default,99499,99499", "99201 and 99499 begin ranges that overlap"),
        ("em_services.csv", "default,G0402,G0402", "default,G0402,99499", "different shape"),
        ("em_services.csv", "default,G0402,G0402", ",G0402,G0402", "code_set is blank"),
        ("em_services.csv", "2025-01-01", "2025-13-01", "first_date is no date"),
        ("em_services.csv", "2025-01-01", "", "first_date is blank"),
        ("em_services.csv", "default,", "other,", "there is no set default"),
        ("em_services.csv", "code_set,", "set,", "the columns are not the ones expected"),
        ("em_services.csv", ",annual wellness visits", "", "wrong number of cells"),
        ("em_services.csv", "annual wellness visits", '"annual', "em_services.csv"),
        ("covered_service_exclusions.csv", "36415,36416", "80047,80048", "overlap"),
        ("covered_service_exclusions.csv", "2017-01-01,,", "2017-01-01,2016-12-31,", "last date comes before"),
        ("code_lists.toml", "[pfs_statuses]", "[statuses]", "the tables are"),
        ("code_lists.toml", "[em_services]", "[em]", "the tables are"),
        ("code_lists.toml", 'evidence = "A"', 'evidence = "B"', "B is no Evidence"),
        ("code_lists.toml", 'evidence = "A"', 'evidence = "A"\nstatus = "A"', "missing or unknown: status"),
    ],
)
def test_shipped_lists_that_overlap_or_hold_no_ranges_are_refused(
    tmp_path: Path, file: str, old: str, new: str, problem: str
) -> None:
    folder = Path(shutil.copytree(Path(str(DATA)), tmp_path / "data"))
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, -1 if new == "other," else 1))

    with pytest.raises(InternalError) as raised:
        load_code_lists(folder)
    assert raised.value.code == "QP502"
    assert problem in raised.value.message


def test_an_empty_list_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(Path(str(DATA)), tmp_path / "data"))
    (folder / "em_services.csv").write_text("")

    with pytest.raises(InternalError, match="columns"):
        load_code_lists(folder)


def test_a_range_may_end_where_the_same_codes_begin_again(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(Path(str(DATA)), tmp_path / "data"))
    with (folder / "em_services.csv").open("a") as file:
        file.write("own,99213,99214,2017-01-01,2020-12-31,before\nown,99213,99214,2021-01-01,,after\n")

    own = load_code_lists(folder).em_code_sets["own"]

    assert [code_range.last_date for code_range in own] == [date(2020, 12, 31), None]
