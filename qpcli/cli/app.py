"""The `qpcli` command: one app, one way in, one way out."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from qpcli import __version__
from qpcli.cli import allocation, console
from qpcli.cli.apms import apms
from qpcli.cli.check import check
from qpcli.cli.clean import clean
from qpcli.cli.codes import codes
from qpcli.cli.compare import compare
from qpcli.cli.convert import convert
from qpcli.cli.determine import determine
from qpcli.cli.explain import explain
from qpcli.cli.failures import end_stopped, settle
from qpcli.cli.forecast import forecast
from qpcli.cli.help import Command, Group
from qpcli.cli.init import init
from qpcli.cli.report import report
from qpcli.cli.rules import rules
from qpcli.cli.sample import sample
from qpcli.cli.schema import schema
from qpcli.cli.session import Session
from qpcli.cli.signals import signals_raise
from qpcli.cli.tally import tally
from qpcli.cli.verify import verify
from qpcli.cli.whatif import whatif
from qpcli.cli.worth import worth
from qpcli.errors import UsageError
from qpcli.reports.scratch import private_spill

RUN, ASK, BEGIN, LOOK_UP = "Run", "Ask", "Begin", "Look up"

app = typer.Typer(cls=Group, pretty_exceptions_enable=False, invoke_without_command=True)
for command, panel in (
    (determine, RUN),
    (check, RUN),
    (convert, RUN),
    (tally, RUN),
    (report, RUN),
    (verify, RUN),
    (clean, RUN),
    (explain, ASK),
    (whatif, ASK),
    (forecast, ASK),
    (compare, ASK),
    (worth, ASK),
    (init, BEGIN),
    (sample, BEGIN),
    (rules, LOOK_UP),
    (apms, LOOK_UP),
    (schema, LOOK_UP),
    (codes, LOOK_UP),
):
    app.command(cls=Command, rich_help_panel=panel)(command)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        console.write(f"qpcli {__version__}\n".encode())
        raise typer.Exit


@app.callback()
def qpcli(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Works out which clinicians are Qualifying APM Participants (QPs) under Medicare's Quality Payment Program.

    Reads claims, beneficiaries, Participation Lists and attribution lists; computes Threshold Scores by both
    methods at every snapshot; says for every clinician which status follows and why. Nothing leaves this computer.

    Examples:
      qpcli sample --out trial --year 2025
      qpcli init trial --year 2025
      qpcli determine --config trial/qpcli.toml
    """
    if ctx.invoked_subcommand is None and not version:
        raise UsageError("QP101", "No command is given.", "See `qpcli --help`.")


def run(arguments: Sequence[str], session: Session) -> int:
    """Run one command line and return its exit status; nothing is raised."""
    try:
        with signals_raise(lambda stopped: end_stopped(stopped, session)):
            status = app(arguments, prog_name="qpcli", standalone_mode=False, obj=session)
    except BaseException as error:
        return settle(error, session)
    return status or 0


def main() -> NoReturn:
    """The console script."""
    os.environ.pop("RUST_BACKTRACE", None)
    allocation.be_frugal()
    console.prepare_streams()
    session = Session()
    with private_spill():
        status = run(sys.argv[1:], session)
    console.abandon()
    # An interpreter that ends in good order gives back its memory page by page, which takes up to a fifth of a second,
    # and is aborted by threads of a query that was left.
    os._exit(status)
