"""CCLF9: former MBIs and the ones that stand for them now."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from qpcli.errors import InputError
from qpcli.inputs.cclf.crosswalk import crosswalk, read_links
from qpcli.request import ReadOptions
from tests.inputs.cclf_made import AUGUST, HANDMADE, JULY, NOVEMBER, cut, delivered, needs_handmade, said
from tests.inputs.made import CANARY

LINK = {"HICN_MBI_XREF_IND": "M", "CRNT_NUM": "NEW", "PRVS_NUM": "OLD"}


def links(*rows: tuple[int, str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["delivery", "bene_id", "current_bene_id"], orient="row")


def mapped(*rows: tuple[int, str, str]) -> dict[str, str]:
    frame, _ = crosswalk(links(*rows))
    assert frame.columns == ["bene_id", "current_bene_id"]
    again, _ = crosswalk(pl.concat([links(*reversed(rows)), links(*rows)]))
    assert dict(again.iter_rows()) == dict(frame.iter_rows())
    return dict(frame.iter_rows())


def loops(*rows: tuple[int, str, str]) -> int | None:
    return said(crosswalk(links(*rows))[1]).get(("mbi_loop", "current_bene_id"))


def test_the_latest_delivery_of_a_former_id_wins() -> None:
    assert mapped((JULY, "X", "P3"), (NOVEMBER, "X", "P2")) == {"X": "P2"}


def test_a_link_that_later_deliveries_lack_stays_valid() -> None:
    assert mapped((JULY, "X", "P"), (NOVEMBER, "Y", "Q")) == {"X": "P", "Y": "Q"}


def test_a_chain_is_followed_to_its_end_over_deliveries() -> None:
    rows = [(JULY, "X", "Y"), (NOVEMBER, "Y", "Z"), (AUGUST, "Z", "P")]
    assert mapped(*rows) == {"X": "P", "Y": "P", "Z": "P"}


def test_an_id_that_stands_for_itself_is_no_link() -> None:
    assert mapped((JULY, "P", "P")) == {}


def test_an_id_that_later_stands_for_itself_is_current_again() -> None:
    assert mapped((JULY, "X", "Y"), (NOVEMBER, "X", "X"), (NOVEMBER, "Y", "X")) == {"Y": "X"}


def test_ids_that_replace_each_other_stay_as_they_are_and_are_counted() -> None:
    rows = [(JULY, "X", "Y"), (NOVEMBER, "Y", "X"), (JULY, "P", "Q")]
    assert mapped(*rows) == {"P": "Q"}
    assert loops(*rows) == 2
    assert loops((JULY, "X", "Y"), (JULY, "Y", "Z"), (JULY, "Z", "X")) == 3
    assert loops((JULY, "X", "Y"), (JULY, "Y", "Z")) is None


def test_an_id_that_leads_into_a_circle_takes_the_first_id_there() -> None:
    rows = [(JULY, "A", "B"), (JULY, "B", "X"), (JULY, "X", "Y"), (JULY, "Y", "X")]
    assert mapped(*rows) == {"A": "X", "B": "X"}
    assert loops(*rows) == 2


def test_two_current_ids_in_one_delivery_are_counted_and_settled_the_same_way_always() -> None:
    rows = [(JULY, "X", "P"), (JULY, "X", "Q"), (JULY, "X", "X")]
    assert mapped(*rows) == {"X": "Q"}
    counts = [found.count for found in crosswalk(links(*rows))[1] if found.code == "counted_for_record"]
    assert counts == [1]


def test_long_chains_and_many_links_are_no_matter() -> None:
    rows = [(JULY, f"{place:06}", f"{place + 1:06}") for place in range(20_000)]
    frame, _ = crosswalk(links(*[row for row in rows if int(row[1]) % 10 != 9]))
    assert frame.height == 18_000
    assert frame.filter(pl.col("current_bene_id").str.slice(5, 1) != "9").height == 0


def test_without_links_there_is_nothing_to_map() -> None:
    frame, findings = crosswalk(read_links([], ReadOptions()).frame)
    assert (frame.height, findings) == (0, ())


def test_rows_of_hicns_are_left_out_and_counted(tmp_path: Path) -> None:
    hicn = LINK | {"HICN_MBI_XREF_IND": "H", "CRNT_NUM": ""}
    read = read_links([delivered(tmp_path / "9.csv", JULY, LINK, hicn, hicn)], ReadOptions())
    assert read.frame.select("delivery", "bene_id", "current_bene_id").rows() == [(JULY, "OLD", "NEW")]
    assert said(read.findings)["rows_left_out", "HICN to MBI (indicator H of CCLF9)"] == 2


def test_a_file_of_hicns_alone_is_not_called_empty(tmp_path: Path) -> None:
    read = read_links([delivered(tmp_path / "9.csv", JULY, LINK | {"HICN_MBI_XREF_IND": "H"})], ReadOptions())
    assert read.frame.is_empty()
    assert {found.code for found in read.findings} == {"rows_left_out"}


@pytest.mark.parametrize(
    ("change", "rule"),
    [({"HICN_MBI_XREF_IND": "Z"}, "indicator_unknown"), ({"HICN_MBI_XREF_IND": ""}, "indicator_blank"),
     ({"CRNT_NUM": " "}, "current_bene_id_blank"), ({"PRVS_NUM": "~"}, "bene_id_blank")],
)  # fmt: skip
def test_a_link_that_is_no_link_is_a_bad_row(tmp_path: Path, change: dict[str, str], rule: str) -> None:
    source = delivered(tmp_path / "9.csv", JULY, LINK, LINK | {"CRNT_NUM": CANARY} | change)
    with pytest.raises(InputError) as caught:
        read_links([source], ReadOptions())
    assert caught.value.code == "QP203"
    assert "row 2" in caught.value.message
    assert CANARY not in caught.value.message
    read = read_links([source], ReadOptions(max_rejects=1))
    assert said(read.findings)["rejected_rows", rule] == 1


def test_a_loaded_table_has_cms_names_in_lower_case_and_the_delivery_in_its_rows(tmp_path: Path) -> None:
    rows = [
        {name.lower(): text for name, text in LINK.items()} | {"file_date": day} for day in ("250714", "2025-11-13")
    ]
    delivered(tmp_path / "crosswalk.csv", 0, *rows)
    read = read_links(cut(tmp_path, "9"), ReadOptions())
    assert read.frame["delivery"].sort().to_list() == [250714 * 10**7, 251113 * 10**7]


@needs_handmade
def test_the_hand_made_links() -> None:
    read = read_links(cut(HANDMADE, "9"), ReadOptions())
    assert read.frame.height == 7
    assert [file.row_count for file in read.files] == [4, 3]
    frame, findings = crosswalk(read.frame)
    people = {"QX02": "QP02", "QX04": "QP04", "QY04": "QP04", "QX08": "QP08"}
    assert dict(frame.iter_rows()) == {f"1S00Q00{old}": f"1S00Q00{new}" for old, new in people.items()}
    assert findings == ()
