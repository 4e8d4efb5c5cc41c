"""Identifiers have the right form and were never issued to anybody."""

from __future__ import annotations

import re

import polars as pl

from qpcli.sample.identifiers import beneficiary_ids, npi, tin
from tests.sample.made import Sample

LETTERS = "[AC-HJKMNP-RT-Y]"
MBI_WITH_S = re.compile(rf"[1-9]S([0-9]|{LETTERS})[0-9]{LETTERS}([0-9]|{LETTERS})[0-9]{LETTERS}{LETTERS}[0-9][0-9]")


def luhn_holds(text: str) -> bool:
    digits = [int(digit) for digit in reversed("80840" + text)]
    return sum(digits[::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0


def test_the_check_itself_knows_a_published_npi() -> None:
    assert luhn_holds("1234567893") and not luhn_holds("1234567890")


def test_beneficiary_ids_look_like_mbis_with_an_s_that_no_mbi_has(sample: Sample) -> None:
    assert all(MBI_WITH_S.fullmatch(bene_id) for bene_id in sample.claim_lines["bene_id"].unique())


def test_beneficiary_ids_are_distinct_and_change_with_the_seed() -> None:
    indexes = pl.select(pl.int_range(200_000, dtype=pl.UInt64)).to_series()
    first, second = (beneficiary_ids(seed, indexes) for seed in (1, 2))
    assert first.n_unique() == 200_000
    assert not (first == second).any()


def test_npis_begin_with_9_and_their_check_digit_is_right() -> None:
    npis = [npi(1, number) for number in range(20_000)]
    assert len(set(npis)) == 20_000
    assert all(re.fullmatch("9[0-9]{9}", each) and luhn_holds(each) for each in npis)


def test_tins_begin_with_000_or_999() -> None:
    tins = [tin(1, number) for number in range(20_000)]
    assert len(set(tins)) == 20_000
    assert all(re.fullmatch("(000|999)[0-9]{6}", each) for each in tins)
    assert "000000000" not in tins


def test_names_say_that_they_are_invented(sample: Sample) -> None:
    assert sample.participants["clinician_name"].str.contains(r"^Clinician \d{4}$").all()
    assert sample.entities["apm_entity_name"].str.ends_with("(synthetic)").all()
