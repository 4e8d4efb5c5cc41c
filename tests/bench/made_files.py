"""Synthetic claims in other layouts: the canonical sample written as a RIF carrier file and as a CCLF5 file.

Both are written part by part in bounded memory. The RIF file keeps the lines that are no adjustment: research files
hold final versions only. Fields that nothing is read from hold one typical value in every line.

python -m tests.bench.made_files rif|cclf5 FOLDER_OF_PARQUET TARGET
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import polars as pl

PART_LINES = 250_000
CCLF5_NAME = "P.A0001.ACO.ZC5Y25.D260415.T1000000"
RECORD_LENGTH = 388

RIF_READ = {
    "BENE_ID": pl.col("bene_id"),
    "CLM_ID": pl.col("claim_id"),
    "NCH_CLM_TYPE_CD": pl.lit("71"),
    "NCH_WKLY_PROC_DT": pl.col("processed_date").dt.to_string("%d-%b-%Y"),
    "CARR_CLM_ENTRY_CD": pl.lit("1"),
    "CLM_DISP_CD": pl.lit("1"),
    "CARR_CLM_PMT_DNL_CD": pl.when("is_denied").then(pl.lit("0")).otherwise(pl.lit("1")),
    "LINE_NUM": pl.col("line_number").cast(pl.String),
    "PRF_PHYSN_NPI": pl.col("npi"),
    "TAX_NUM": pl.col("tin"),
    "LINE_1ST_EXPNS_DT": pl.col("service_date").dt.to_string("%d-%b-%Y"),
    "HCPCS_CD": pl.col("hcpcs"),
    "LINE_NCH_PMT_AMT": pl.col("paid_amount").cast(pl.String),
    "LINE_BENE_PRMRY_PYR_CD": pl.lit(" "),
    "LINE_PRCSG_IND_CD": pl.when("is_denied").then(pl.lit("D")).otherwise(pl.lit("A")),
}
"""The fields that qpcli reads."""
RIF_OTHERS = {
    "NCH_NEAR_LINE_REC_IDENT_CD": "O",
    "CLM_FROM_DT": "30-May-2025",
    "CLM_THRU_DT": "30-May-2025",
    "CARR_NUM": "31143",
    "CLM_PMT_AMT": "563.36",
    "CARR_CLM_PRMRY_PYR_PD_AMT": "0",
    "RFR_PHYSN_NPI": "9999310391",
    "CARR_CLM_PRVDR_ASGNMT_IND_SW": "A",
    "NCH_CLM_PRVDR_PMT_AMT": "563.36",
    "NCH_CARR_CLM_SBMTD_CHRG_AMT": "704.20",
    "NCH_CARR_CLM_ALOWD_AMT": "563.36",
    "PRNCPAL_DGNS_CD": "O039",
    **{f"ICD_DGNS_CD{number}": "E034" if number < 4 else "" for number in range(1, 13)},
    **{f"ICD_DGNS_VRSN_CD{number}": "0" if number < 4 else "" for number in range(1, 13)},
    "CARR_CLM_CNTL_NUM": "74655592568216",
    "CARR_CLM_BLG_NPI_NUM": "1234567890",
    "ORG_NPI_NUM": "8888819926",
    "PRVDR_STATE_CD": "01",
    "PRVDR_ZIP": "555558202",
    "PRVDR_SPCLTY": "41",
    "LINE_SRVC_CNT": "1.0",
    "LINE_PLACE_OF_SRVC_CD": "11",
    "LINE_LAST_EXPNS_DT": "30-May-2025",
    "LINE_PRVDR_PMT_AMT": "109.44",
    "LINE_COINSRNC_AMT": "0",
    "LINE_SBMTD_CHRG_AMT": "136.80",
    "LINE_ALOWD_CHRG_AMT": "136.80",
    "LINE_ICD_DGNS_CD": "O039",
    "CARR_LINE_CLIA_LAB_NUM": "BB889999AA",
}

_ADJUSTMENT = pl.col("adjustment").replace_strict({"original": "0", "cancellation": "1", "replacement": "2"})
CCLF5_READ: Mapping[tuple[int, int], pl.Expr] = {
    (1, 13): pl.col("claim_id").str.tail(11) + pl.lit("0") + _ADJUSTMENT,
    (14, 23): pl.col("line_number").cast(pl.String).str.zfill(10),
    (24, 34): pl.col("bene_id"),
    (46, 47): pl.lit("71"),
    (78, 87): pl.col("service_date").dt.to_string("%Y-%m-%d"),
    (98, 102): pl.col("hcpcs"),
    (103, 117): pl.col("paid_amount").cast(pl.String).str.pad_start(15),
    (118, 118): pl.lit(""),
    (126, 135): pl.col("tin"),
    (136, 145): pl.col("npi"),
    (146, 147): pl.when("is_denied").then(pl.lit("0")).otherwise(pl.lit("1")),
    (148, 149): pl.when("is_denied").then(pl.lit("D")).otherwise(pl.lit("A")),
    (150, 151): _ADJUSTMENT,
    (152, 161): pl.col("processed_date").dt.to_string("%Y-%m-%d"),
    (162, 171): pl.col("processed_date").dt.offset_by("5d").dt.to_string("%Y-%m-%d"),
    (172, 211): pl.col("claim_id"),
    (274, 275): pl.when(_ADJUSTMENT == "1").then(pl.lit("03")).otherwise(pl.lit("01")),
    (364, 373): pl.col("npi"),
}
"""Positions (1-based, inclusive) of the fields that qpcli reads."""
_CCLF5_OTHERS = {(48, 57): "2025-05-30", (58, 67): "2025-05-30", (88, 97): "2025-05-30", (223, 239): "136.80"}


def write_rif(parquet: Path, target: Path) -> None:
    """The claim lines of a folder of Parquet files as one RIF carrier file with bars."""
    fields = {**RIF_READ, **{name: pl.lit(text) for name, text in RIF_OTHERS.items()}}
    record = pl.concat_str([text.fill_null("") for text in fields.values()], separator="|")

    def part(lines: pl.DataFrame, stream: BinaryIO) -> None:
        final = lines.filter(pl.col("adjustment") == "original")
        _write_lines(final.select(record), stream)

    _write(parquet, target, part, header="|".join(fields))


def write_cclf5(parquet: Path, target: Path) -> None:
    """The claim lines of a folder of Parquet files as one CCLF5 file of 388 positions."""

    def part(lines: pl.DataFrame, stream: BinaryIO) -> None:
        _write_lines(lines.select(pl.concat_str(list(_cclf5_pieces()))), stream)

    _write(parquet, target, part)


def _cclf5_pieces() -> Iterator[pl.Expr]:
    """The record from left to right: fields cut or filled to their width, blanks between them."""
    fields = {**CCLF5_READ, **{place: pl.lit(text) for place, text in _CCLF5_OTHERS.items()}}
    done = 0
    for (start, end), text in sorted(fields.items(), key=lambda field: field[0]):
        if start > done + 1:
            yield pl.lit(" " * (start - done - 1))
        yield text.fill_null("").str.head(end - start + 1).str.pad_end(end - start + 1)
        done = end
    yield pl.lit(" " * (RECORD_LENGTH - done))


def _write(
    parquet: Path, target: Path, part: Callable[[pl.DataFrame, BinaryIO], None], *, header: str | None = None
) -> None:
    with target.open("wb") as stream:
        if header is not None:
            stream.write(f"{header}\n".encode())
        for file in sorted(parquet.glob("*.parquet")):
            # A scan in batches has no order; the sample's own order is kept by cutting it in parts.
            lines = pl.scan_parquet(file)
            count = lines.select(pl.len()).collect().item()
            for first in range(0, count, PART_LINES):
                part(lines.slice(first, PART_LINES).collect(), stream)


def _write_lines(lines: pl.DataFrame, stream: BinaryIO) -> None:
    lines.write_csv(stream, include_header=False, quote_style="never")


if __name__ == "__main__":
    layout, source, made = sys.argv[1:]
    {"rif": write_rif, "cclf5": write_cclf5}[layout](Path(source), Path(made))
