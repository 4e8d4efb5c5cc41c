"""Values that come again are judged once: that must tell nothing from values that stand alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from qpcli.inputs.ahead import ahead
from tests.inputs.rif_made import CARRIER, read_rif, rif_file

ODD = {
    "LINE_NCH_PMT_AMT": ("37.5", " 37.50", "37.", "1e2", "10.005", "5-", "\t5"),
    "LINE_1ST_EXPNS_DT": ("15-Jan-2025", " 15-JAN-2025 ", "20250115", "15-Jan-25", "32-Jan-2025"),
    "NCH_WKLY_PROC_DT": ("06-Feb-2025", "~", " ", "01-Jan-1000", "6-Feb-+2025"),
    "TAX_NUM": ("012345678", "46-1517810", "1517810", " 012345678", "~", "x"),
    "PRF_PHYSN_NPI": ("1234567893", "1437702123.0", "1.43E+09", "1.4377E+09", "~", "1923124"),
    "HCPCS_CD": ("99213", "g0444", " 99213", "~", ""),
    "CLM_ID": ("9001", " 9001", "-9001", "A ", "~", ""),
    "LINE_PRCSG_IND_CD": ("A", " a ", "d", "~", "", "ZZ"),
    "LINE_BENE_PRMRY_PYR_CD": (" ", "e", "~", "E "),
}
CASES = [(name, text) for name, texts in ODD.items() for text in texts]


def summary(path: str) -> tuple[set[object], set[tuple[str, str | None]]]:
    """The distinct lines, and what was found, without counts."""
    read = read_rif([path], max_rejects=9)
    return set(read.lines.drop("line_number").rows()), set(read.findings())


@pytest.mark.parametrize(("name", "text"), CASES)
def test_repeated_values_are_read_like_single_ones(tmp_path: Path, name: str, text: str) -> None:
    rows = [CARRIER, CARRIER | {name: text, "LINE_NUM": "2"}]
    again = [row | {"LINE_NUM": str(number)} for number, row in enumerate(rows * 4, start=1)]
    alone = summary(rif_file(tmp_path / "alone.csv", *rows))
    assert summary(rif_file(tmp_path / "again.csv", *again)) == alone


def test_results_come_in_the_order_of_the_pieces() -> None:
    assert list(ahead(range(20), lambda number: number * 2)) == list(range(0, 40, 2))
    assert list(ahead([], str)) == []


def test_the_first_result_needs_no_other_piece() -> None:
    begun: list[int] = []
    results = ahead(range(9), lambda number: begun.append(number) or number)
    assert next(results) == 0
    assert begun == [0]
    results.close()


def test_the_earliest_failure_is_raised() -> None:
    def work(number: int) -> int:
        if number in (3, 4):
            raise ValueError(number)
        return number

    results = ahead(range(9), work)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="3"):
        next(results)
