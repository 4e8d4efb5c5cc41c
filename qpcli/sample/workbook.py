"""A workbook of one sheet of text cells, the least that spreadsheet programs open; equal rows give equal bytes."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEET_KIND = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>'
)
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest time that an archive can hold."""


def workbook_bytes(name: str, rows: Sequence[Sequence[str | None]]) -> bytes:
    """An XLSX file with the rows in a sheet of this name."""
    sheet = f'<sheets><sheet name={quoteattr(name)} sheetId="1" r:id="rId1"/></sheets>'
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _relationship("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET_KIND}" xmlns:r="{_DOCUMENT}">{sheet}</workbook>',
        "xl/_rels/workbook.xml.rels": _relationship("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": _sheet(rows),
    }
    data = BytesIO()
    with ZipFile(data, "w") as archive:
        for path, text in parts.items():
            info = ZipInfo(path, _FIRST_DAY)
            info.compress_type, info.create_system = ZIP_DEFLATED, 3
            archive.writestr(info, _HEAD + text)
    return data.getvalue()


def _relationship(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_DOCUMENT}/{kind}" Target="{target}"/></Relationships>'
    )


def _sheet(rows: Sequence[Sequence[str | None]]) -> str:
    lines = "".join(f'<row r="{number}">{_cells(row, number)}</row>' for number, row in enumerate(rows, start=1))
    return f'<worksheet xmlns="{_SHEET_KIND}"><sheetData>{lines}</sheetData></worksheet>'


def _cells(row: Sequence[str | None], number: int) -> str:
    """Cells by their letters; blank ones are left out."""
    return "".join(
        f'<c r="{chr(ord("A") + place)}{number}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
        for place, text in enumerate(row)
        if text
    )
