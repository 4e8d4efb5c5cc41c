"""The report job on one page: a finished run as an HTML page or a workbook."""

from __future__ import annotations

from pathlib import Path

from qpcli.errors import InputError
from qpcli.reports import publishing
from qpcli.reports.destinations import settled
from qpcli.reports.encryption import read_key
from qpcli.reports.formats import read_tables
from qpcli.reports.html.content import Content
from qpcli.reports.html.page import page
from qpcli.reports.manifest import Manifest
from qpcli.reports.verification import finished_report
from qpcli.reports.xlsx import fill_workbook, refuse_without_writer
from qpcli.request import PageFormat


def page_of(run: Path, key_file: Path | None = None) -> bytes:
    """The HTML page of a finished run; raises InputError QP202 where it is not complete and as it was written."""
    return page(_content(run, key_file))


def write_report(run: Path, format: PageFormat, file: Path | None, key_file: Path | None = None) -> Path:
    """Write a finished run as one file, beside its folder where no other place is named; returns the place.

    Raises UsageError QP109 for a place inside the run or the key's own, QP110 without the library for workbooks,
    InputError QP202 for a run that is not complete or was changed, QP222 for one that the key does not open,
    OutputError QP301 where the file cannot be written.
    """
    if format is PageFormat.XLSX:
        refuse_without_writer()
    place = file if file is not None else _beside(run, format)
    publishing.check_file(place, [run, *([] if key_file is None else [key_file])])
    content = _content(run, key_file)
    publishing.publish_file(place, _html_writer(content) if format is PageFormat.HTML else _xlsx_writer(content))
    return place


def _beside(run: Path, format: PageFormat) -> Path:
    whole = settled(run)
    return whole.parent / f"{whole.name}.{format.value}"


def _content(run: Path, key_file: Path | None) -> Content:
    manifest: Manifest = finished_report(run)
    tables = read_tables(run, manifest, read_key(key_file))
    missing = {"threshold_scores", "determinations", "clinicians", "exclusions", "findings"} - set(tables)
    if missing:
        raise InputError("QP202", f"{run} lacks the table {min(missing)}.", "Run determine again with this version.")
    return Content(manifest, tables)


def _html_writer(content: Content) -> publishing.Writer:
    def write(path: Path) -> int:
        return path.write_bytes(page(content))

    return write


def _xlsx_writer(content: Content) -> publishing.Writer:
    def write(path: Path) -> int:
        with publishing.scratch_folder(None) as scratch, path.open("wb") as file:
            return fill_workbook(content.tables, content.manifest, file, scratch)

    return write
