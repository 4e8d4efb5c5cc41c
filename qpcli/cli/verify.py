"""`qpcli verify`: a report or a prepared store against its own record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qpcli.cli import console
from qpcli.cli.options import AsJson, Debug, argument
from qpcli.cli.session import session_of

if TYPE_CHECKING:
    from qpcli.reports.verification import Mismatch

JSON_VERSION = "qpcli.verify/1"


def verify(
    ctx: typer.Context,
    folder: Annotated[Path, argument("FOLDER", help="A report or a prepared store; needed.")],
    json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Hash a report or a prepared store again, and its inputs where they still are, and compare with its record.

    The record is manifest.json of a report, store.json of a prepared store.

    Exit status: 0 everything is as the record says, 1 something differs, 3 the folder holds neither, complete.

    Examples:
      qpcli determine --config sample_data/qpcli.toml --out reports
      qpcli verify reports
    """
    session_of(ctx).is_debugging = debug
    from qpcli.store.verification import verify

    mismatches = verify(folder)
    if json:
        console.write_json({"schema": JSON_VERSION, "mismatches": [_document(mismatch) for mismatch in mismatches]})
    else:
        _show(mismatches)
    return int(bool(mismatches))


def _document(mismatch: Mismatch) -> dict[str, str]:
    return {"problem": mismatch.problem.value, "file": mismatch.file}


def _show(mismatches: tuple[Mismatch, ...]) -> None:
    from rich.text import Text

    if not mismatches:
        console.show(Text("Everything is as it was written."))
    for mismatch in mismatches:
        console.show(Text.assemble((mismatch.problem.value, "red"), f": {mismatch.file}", overflow="fold"))
