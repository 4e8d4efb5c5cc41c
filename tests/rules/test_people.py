"""Beneficiaries get one key each, in whatever way they are sought."""

from __future__ import annotations

import polars as pl
import pytest

from qpcli.rules import numbering

KNOWN = pl.Series("bene_id", ["B1", "B3", "B5"])
NAMED = pl.LazyFrame({"bene_id": ["B3", "B9", None, "B5", "B9", "B4"]})


def keys(people: numbering.People) -> dict[str, int]:
    return dict(people.frame.select("bene_id", "bene_key").iter_rows())


@pytest.mark.parametrize("few", [0, 1_000], ids=["by a join", "by an Enum"])
def test_a_row_has_the_key_of_its_person_and_none_for_a_stranger(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(numbering, "_FEW_PEOPLE", few)
    keyed = numbering.with_bene_key(NAMED, numbering.people(KNOWN)).collect().sort("bene_id", nulls_last=True)
    assert keyed["bene_key"].to_list() == [1, None, 2, None, None, None]
    assert keyed.schema["bene_key"] == numbering.KEY


@pytest.mark.parametrize("few", [0, 1_000], ids=["by a join", "by an Enum"])
def test_people_beside_the_known_come_after_them_in_order(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(numbering, "_FEW_PEOPLE", few)
    known = numbering.people(KNOWN)
    beside = numbering.people_beside(known, NAMED.drop_nulls()).collect().to_series()
    everybody = numbering.with_others(known, beside)
    assert keys(everybody) == {"B1": 0, "B3": 1, "B5": 2, "B4": 3, "B9": 4}
    found = NAMED.select(everybody.bene_key).collect().to_series().to_list()
    assert found == [1, 4, None, 2, 4, 3]


def test_who_knows_everybody_adds_nobody() -> None:
    known = numbering.people(KNOWN)
    assert numbering.with_others(known, KNOWN.clear()) is known
