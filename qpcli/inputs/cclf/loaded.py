"""CCLF already loaded into tables: CSV or Parquet with CMS's column names, FILE_NAME and FILE_DATE."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from qpcli.errors import InputError
from qpcli.inputs.cclf.names import CclfName
from qpcli.inputs.csv_header import Dialect
from qpcli.inputs.fields import Fields
from qpcli.inputs.files import FileForm, InputFile
from qpcli.inputs.opened import OpenFile
from qpcli.inputs.sources import Source, open_file

FILE_NAME, FILE_DATE = "FILE_NAME", "FILE_DATE"
_SEPARATORS = (",", "|", ";", "\t")
_MARKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("5", ("CLM_CARR_PMT_DNL_CD", "CLM_LINE_HCPCS_CD", "CLM_RNDRG_PRVDR_TAX_NUM")),
    ("6", ("CLM_LINE_HCPCS_CD", "PAYTO_PRVDR_NPI_NUM")),
    ("1", ("CLM_BILL_FAC_TYPE_CD", "CLM_MDCR_NPMT_RSN_CD")),
    ("2", ("CLM_LINE_PROD_REV_CTR_CD", "CLM_LINE_NUM")),
    ("3", ("CLM_PRCDR_CD", "CLM_VAL_SQNC_NUM")),
    ("4", ("CLM_PROD_TYPE_CD", "CLM_DGNS_CD")),
    ("7", ("CLM_LINE_NDC_CD", "CLM_LINE_DAYS_SUPLY_QTY")),
    ("8", ("BENE_MBI_ID", "BENE_ENTLMT_BUYIN_IND")),
    ("9", ("CRNT_NUM", "PRVS_NUM")),
    ("B", ("CLM_PBP_RDCTN_AMT", "CLM_LINE_NUM")),
    ("A", ("CLM_PBP_RDCTN_AMT", "CUR_CLM_UNIQ_ID")),
)
"""Column names by which each file is known; the first that fits counts."""
_NAME_DATE, _NAME_TIME = r"\.D([0-9]{6})\.", r"\.T([0-9]{7})"
_DATE = r"^(?:D|20)?([0-9]{2}-?[0-9]{2}-?[0-9]{2})(?:[ T].*)?$"


def number_of_columns(names: Iterable[str]) -> str | None:
    """The CCLF file with these columns."""
    known = {name.strip().strip('"').upper() for name in names}
    return next((number for number, marks in _MARKS if known.issuperset(marks)), None)


def open_loaded(file: InputFile, start: bytes) -> tuple[str, OpenFile] | None:
    """The table and the CCLF file that it is, None when its columns are not CMS's; raises QP202 or QP205.

    `start` is the beginning of a text.
    """
    if file.form is FileForm.PARQUET:
        table = open_file(file, Dialect())
        number = number_of_columns(table.columns)
        return (number, table) if number is not None else None
    line = start.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].decode("latin-1").strip()
    for separator in _SEPARATORS:
        number = number_of_columns(line.split(separator))
        if number is not None:
            return number, open_file(file, Dialect(separator, is_strict=False))
    return None


def delivery_column(source: Source, name: CclfName | None) -> pl.Expr:
    """The delivery of a row out of FILE_NAME, else of FILE_DATE, else of the table's own name; raises QP204."""
    fields = Fields(source)
    file_name, file_date = fields.name_of(FILE_NAME), fields.name_of(FILE_DATE)
    stamps = [
        *([] if file_name is None else [_stamp_of_name(pl.col(file_name).cast(pl.String))]),
        *([] if file_date is None else [_stamp_of_date(pl.col(file_date).cast(pl.String))]),
        *([] if name is None or not name.delivery else [pl.lit(name.delivery, dtype=pl.Int64)]),
    ]
    if not stamps:
        raise InputError("QP204", f"{source.name}: the column {FILE_NAME} or {FILE_DATE} is missing.")
    return pl.coalesce(stamps)


def _stamp_of_name(text: pl.Expr) -> pl.Expr:
    upper = text.str.to_uppercase()
    day = upper.str.extract(_NAME_DATE).cast(pl.Int64)
    return day * 10**7 + upper.str.extract(_NAME_TIME).cast(pl.Int64)


def _stamp_of_date(text: pl.Expr) -> pl.Expr:
    day = text.str.strip_chars().str.extract(_DATE).str.replace_all("-", "", literal=True)
    return day.cast(pl.Int64) * 10**7
