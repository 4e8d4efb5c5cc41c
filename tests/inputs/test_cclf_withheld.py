"""CCLFB: reductions of Part B lines that are added back to what Medicare paid."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from qpcli.errors import InputError
from qpcli.findings import Finding
from qpcli.inputs.cclf.files import DeliveredSource
from qpcli.inputs.cclf.withheld import withheld_scan
from qpcli.inputs.plan import output_names
from qpcli.request import ReadOptions
from qpcli.tables.withheld import WITHHELD
from tests.inputs.cclf_made import HANDMADE, JULY, NOVEMBER, cut, delivered, law_of, needs_handmade, opened_as, said
from tests.inputs.made import CANARY

LINE = {
    "CUR_CLM_UNIQ_ID": "4000000000018",
    "CLM_LINE_NUM": "0000000001",
    "BENE_MBI_ID": "P1",
    "CLM_TYPE_CD": "71",
    "CLM_PBP_INCLSN_AMT": "00000000121.10 ",
    "CLM_PBP_RDCTN_AMT": "00000000060.55 ",
    "CLM_SQSTRTN_RDCTN_AMT": "00000000001.24 ",
}
NOTHING = {"CLM_PBP_INCLSN_AMT": "00000000000.00", "CLM_PBP_RDCTN_AMT": "00000000000.00"}


def read(
    *sources: DeliveredSource, max_rejects: int = 0, **assumptions: str
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    scan = withheld_scan(sources, ReadOptions(max_rejects=max_rejects), law_of(**assumptions))
    with scan.reading():
        good = pl.concat([plan.checked.filter(plan.is_good) for plan in scan.plans], how="vertical")
        columns = [*output_names(WITHHELD), "delivery"]
        rows, quality = pl.collect_all([good.select(columns), scan.quality], engine="streaming")
    assert_frame_equal(scan.rows.collect(), rows.drop("delivery"), check_row_order=False)
    return rows, scan.settle(quality.row(0, named=True)).findings


def amounts(rows: pl.DataFrame) -> list[tuple[int | None, ...]]:
    return rows.select("withheld_cents", "reduction_cents", "inclusion_cents", "sequestration_cents").rows()


def test_a_reduction_with_what_would_have_been_paid(tmp_path: Path) -> None:
    rows, findings = read(delivered(tmp_path / "B.csv", JULY, LINE))
    assert rows.select("delivery", "bene_id", "claim_version", "line_number").rows() == [
        (JULY, "P1", "4000000000018", 1)
    ]
    assert amounts(rows) == [(6055, 6055, 12110, 124)]
    assert findings == ()


def test_lines_with_nothing_to_add_back_are_left_out_without_a_word(tmp_path: Path) -> None:
    blank = {"CLM_PBP_RDCTN_AMT": "", "CLM_PBP_INCLSN_AMT": "~"}
    rows, findings = read(delivered(tmp_path / "B.csv", JULY, LINE, LINE | NOTHING, LINE | blank))
    assert amounts(rows) == [(6055, 6055, 12110, 124)]
    assert findings == ()


def test_a_file_without_any_reduction_is_not_called_empty(tmp_path: Path) -> None:
    rows, findings = read(delivered(tmp_path / "B.csv", JULY, LINE | NOTHING))
    assert (rows.height, findings) == (0, ())


def test_sequestration_is_an_open_point(tmp_path: Path) -> None:
    source = delivered(tmp_path / "B.csv", JULY, LINE, LINE | NOTHING, LINE | NOTHING | {"CLM_SQSTRTN_RDCTN_AMT": "0"})
    rows, _ = read(source, sequestration="added_back")
    assert [row[0] for row in amounts(rows)] == [6055 + 124, 124]


def test_shorter_records_have_no_sequestration(tmp_path: Path) -> None:
    short = {name: text for name, text in LINE.items() if name != "CLM_SQSTRTN_RDCTN_AMT"}
    rows, _ = read(delivered(tmp_path / "B.csv", JULY, short), sequestration="added_back")
    assert amounts(rows) == [(6055, 6055, 12110, None)]


def test_a_reduction_stays_signed_as_it_was_delivered(tmp_path: Path) -> None:
    rows, _ = read(delivered(tmp_path / "B.csv", JULY, LINE | {"CLM_PBP_RDCTN_AMT": "-60.55"}))
    assert amounts(rows)[0][0] == -6055


@pytest.mark.parametrize(
    ("change", "rule"),
    [({"CLM_PBP_RDCTN_AMT": "60.55-"}, "reduction_amount_unreadable"),
     ({"CLM_PBP_RDCTN_AMT": "1,060.55"}, "reduction_amount_unreadable"),
     ({"CLM_PBP_INCLSN_AMT": "6E2"}, "inclusion_amount_unreadable"),
     ({"CLM_LINE_NUM": ""}, "line_number_blank"), ({"CUR_CLM_UNIQ_ID": " "}, "claim_version_blank")],
)  # fmt: skip
def test_a_reduction_that_cannot_be_read_is_a_bad_row(tmp_path: Path, change: dict[str, str], rule: str) -> None:
    source = delivered(tmp_path / "B.csv", JULY, LINE, LINE | {"BENE_MBI_ID": CANARY} | change)
    with pytest.raises(InputError) as caught:
        read(source)
    assert (caught.value.code, CANARY in caught.value.message) == ("QP203", False)
    rows, findings = read(source, max_rejects=1)
    assert (rows.height, said(findings)["rejected_rows", rule]) == (1, 1)


def test_lines_without_a_reduction_are_not_judged(tmp_path: Path) -> None:
    rows, findings = read(delivered(tmp_path / "B.csv", JULY, LINE, LINE | NOTHING | {"BENE_MBI_ID": ""}))
    assert (rows.height, findings) == (1, ())


def test_typed_parquet_columns_in_lower_case(tmp_path: Path) -> None:
    text = pl.DataFrame([{name.lower(): value.strip() for name, value in LINE.items()}])
    typed = text.with_columns(
        pl.col("clm_pbp_rdctn_amt", "clm_pbp_inclsn_amt").cast(pl.Decimal(15, 2)),
        pl.col("cur_clm_uniq_id", "clm_line_num").cast(pl.Int64),
        clm_sqstrtn_rdctn_amt=pl.lit(1.24),
    )
    typed.write_parquet(tmp_path / "B.parquet")
    rows, _ = read(opened_as(tmp_path / "B.parquet", JULY))
    assert amounts(rows) == [(6055, 6055, 12110, 124)]
    assert rows["claim_version"].to_list() == ["4000000000018"]


@needs_handmade
def test_the_hand_made_reductions() -> None:
    rows, _ = read(*cut(HANDMADE, "B"))
    assert set(rows["bene_id"]) == {"1S00Q00QP07"}
    found = rows.sort("claim_version").select("claim_version", "withheld_cents", "inclusion_cents", "delivery")
    assert found.rows() == [
        ("4000000000017", 9100, 9100, JULY),
        ("4000000000018", 6055, 12110, JULY),
        ("4000000000028", 6055, 12110, NOVEMBER),
    ]
    everything, _ = read(*cut(HANDMADE, "B"), sequestration="added_back")
    assert everything.height == 38
