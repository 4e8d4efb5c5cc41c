"""`qpcli report`: a finished run as one HTML page or workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qpcli.cli import console
from qpcli.cli.options import REPORTS, AsJson, Debug, OpeningKey, Quiet, argument, option
from qpcli.cli.runs import natives_tamed
from qpcli.cli.session import session_of
from qpcli.errors import UsageError
from qpcli.request import PageFormat

JSON_VERSION = "qpcli.report/1"
STDOUT = "-"


def report(
    ctx: typer.Context,
    run: Annotated[Path, argument("RUN", help="The folder of a finished run; needed.")],
    format: Annotated[
        PageFormat, option(REPORTS, "--format", metavar="html|xlsx", help="What to make; default html.")
    ] = PageFormat.HTML,
    out: Annotated[
        str | None,
        option(REPORTS, "--out", metavar="FILE|-", help="Where to write it; default beside RUN; `-` is stdout."),
    ] = None,
    encrypt_key_file: OpeningKey = None,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Make one self-contained HTML page of a run, or a workbook: statuses, margins, exclusions, clinicians, sources.

    The page opens offline in any browser, in light and dark, and prints. It names clinicians, as the tables do. A run
    made with --share gives a page without small cells. An encrypted run gives a page or workbook that is not encrypted.

    Exit status: 0 done, 2 usage, 3 RUN is no complete run or was changed, 4 output not writable.

    Examples:
      qpcli determine --config sample_data/qpcli.toml --out reports
      qpcli report reports
      qpcli report reports --format xlsx --out reports.xlsx
    """
    session = session_of(ctx)
    session.is_debugging, session.is_quiet = debug, quiet
    _refuse_clashes(format, out, is_json=json)
    from qpcli.report import page_of, write_report

    with natives_tamed(session):
        if out == STDOUT:
            console.write(page_of(run, encrypt_key_file))
            return 0
        file = write_report(run, format, None if out is None else Path(out).expanduser(), encrypt_key_file)
    if json:
        console.write_json({"schema": JSON_VERSION, "file": str(file)})
    elif not quiet:
        console.say(f"{file} is written{'.' if encrypt_key_file is None else ', and is not encrypted.'}")
    return 0


def _refuse_clashes(format: PageFormat, out: str | None, *, is_json: bool) -> None:
    if out == STDOUT and is_json:
        raise UsageError("QP104", "--json and `--out -` both want stdout.")
    if out == STDOUT and format is PageFormat.XLSX:
        raise UsageError("QP104", "`--out -` writes the HTML page and no workbook.")
