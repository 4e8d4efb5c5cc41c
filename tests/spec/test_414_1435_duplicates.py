"""42 CFR 414.1435(a)(3): a claim line that was delivered twice counts once."""

from __future__ import annotations

import pytest

from qpcli.errors import InputError
from tests.support.spec_tables import computed, counts_of, findings, patients, payment, score

LINE = {
    "claim": "L1",
    "version": "V1",
    "line": "1",
    "bene": "B1",
    "npi": "1",
    "tin": "A",
    "hcpcs": "99213",
    "service": "02-01",
    "processed": "02-20",
    "setting": "professional",
    "adjustment": "original",
    "denied": "no",
    "paid": "80",
    "withheld": "10",
    "excluded": "3",
}


def delivered(*rows: dict[str, str]) -> str:
    return "\n".join(" ".join(cells) for cells in (LINE, *[row.values() for row in rows]))


def test_the_same_line_delivered_twice_counts_once() -> None:
    row = score(computed(lines=delivered(LINE, LINE, LINE)))
    assert (payment(row), patients(row)) == ((0, 87), (0, 1))


def test_lines_that_were_delivered_more_than_once_are_a_finding() -> None:
    assert counts_of(findings(lines=delivered(LINE, LINE, LINE)), "duplicate_lines") == [2]
    assert counts_of(findings(lines=delivered(LINE)), "duplicate_lines") == []


@pytest.mark.parametrize("column", ["processed", "version"])
def test_null_values_of_the_key_are_equal(column: str) -> None:
    line = {**LINE, column: "-"}
    assert payment(score(computed(lines=delivered(line, line)))) == (0, 87)


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("claim", "L2"),
        ("version", "V2"),
        ("version", "-"),
        ("line", "2"),
        ("bene", "B2"),
        ("processed", "02-21"),
        ("processed", "-"),
        ("adjustment", "replacement"),
    ],
)
def test_rows_that_differ_in_the_natural_key_are_different_rows(column: str, other: str) -> None:
    lines = delivered(LINE, {**LINE, column: other})
    assert payment(score(computed(lines=lines))) == (0, 87 + 87)


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("npi", "2"),
        ("tin", "B"),
        ("hcpcs", "99214"),
        ("service", "02-02"),
        ("setting", "cah_method_ii"),
        ("denied", "yes"),
        ("paid", "80.01"),
        ("withheld", "11"),
        ("excluded", "0"),
    ],
)
def test_rows_equal_in_the_natural_key_and_different_otherwise_are_a_conflict(column: str, other: str) -> None:
    with pytest.raises(InputError, match="duplicate_conflict"):
        computed(lines=delivered(LINE, {**LINE, column: other}))


def test_a_take_back_delivered_twice_is_taken_back_once() -> None:
    take_back = {**LINE, "claim": "L2", "paid": "-80", "withheld": "0", "excluded": "0"}
    assert payment(score(computed(lines=delivered(LINE, take_back, take_back)))) == (0, 87 - 80)


def test_cancellations_that_differ_in_the_sign_of_their_amounts_are_one_delivery() -> None:
    cancellation = {**LINE, "adjustment": "cancellation", "processed": "02-25"}
    negative = {**cancellation, "paid": "-80", "withheld": "-10", "excluded": "-3"}
    replacement = {**LINE, "adjustment": "replacement", "processed": "02-26", "paid": "95"}
    assert payment(score(computed(lines=delivered(LINE, cancellation, negative, replacement)))) == (0, 102)


def test_a_cancellation_delivered_twice_cancels_once() -> None:
    cancellation = {**LINE, "adjustment": "cancellation", "processed": "02-25"}
    replacement = {**LINE, "adjustment": "replacement", "processed": "02-26", "paid": "95"}
    lines = delivered(LINE, cancellation, cancellation, replacement)
    assert payment(score(computed(lines=lines))) == (0, 102)
