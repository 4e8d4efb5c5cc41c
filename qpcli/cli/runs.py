"""What the commands that run something share: settings, a watched run, and its outcome handed out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from qpcli.cli import console
from qpcli.cli.progress import watching
from qpcli.cli.session import LogFormat, Session, session_of
from qpcli.request import FailOn
from qpcli.watch import Watcher

if TYPE_CHECKING:
    from qpcli.configuration import Settings
    from qpcli.run import RunOutcome

Request = TypeVar("Request")
Outcome = TypeVar("Outcome")

JSON_VERSION = "qpcli.run/1"
PLAN_VERSION = "qpcli.plan/1"
NOT_SETTINGS = ("ctx", "config", "debug", "run")


def begin(ctx: typer.Context, given: Mapping[str, Any]) -> tuple[Session, Settings]:
    """The settings of a call, from its own flags on; the session learns how to speak."""
    from qpcli.cli.aborts import refuse_small_address_space
    from qpcli.cli.gather import gather
    from qpcli.configuration import assumptions

    session = session_of(ctx)
    session.is_debugging = given["debug"]
    flags = {name: value for name, value in given.items() if name not in NOT_SETTINGS}
    # An error in the settings should already be in the form asked for.
    _listen(session, flags.get("log_format"), is_quiet=flags["quiet"], is_verbose=flags["verbose"])
    if flags.get("assume"):
        flags["assume"] = assumptions(flags["assume"])
    configuration = gather(flags, os.environ, given["config"])
    settings = configuration.settings
    _listen(session, LogFormat(settings.log_format), is_quiet=settings.quiet, is_verbose=settings.verbose)
    refuse_small_address_space()
    if configuration.file is not None and given["config"] is None:
        _note(session, f"Settings from {configuration.file}")
    return session, settings


def watched(session: Session, job: Callable[[Request, Watcher], Outcome], request: Request) -> Outcome:
    """Run a job with somebody watching and native libraries silent."""
    with natives_tamed(session), watching(session) as watcher:
        return job(request, watcher)


@contextmanager
def natives_tamed(session: Session) -> Iterator[None]:
    """Native libraries say nothing themselves, and where they abort the process, qpcli has the last word."""
    from qpcli.cli.aborts import aborts_heard
    from qpcli.cli.failures import when_aborted

    with console.natives_silenced(), aborts_heard(when_aborted(session)):
        yield


def hand_out(session: Session, settings: Settings, outcome: RunOutcome) -> None:
    """JSON or a table to stdout; the summary for people to stdout, or to stderr when something was written."""
    from qpcli.reports.summary import terminal_summary

    if settings.json_:
        console.write_json(document(outcome))
    elif settings.writes_to_stdout:
        console.write(_table_text(settings, outcome))
        _tell(session, outcome)
    elif settings.folder is None:
        console.show(terminal_summary(outcome.summary))
    else:
        _tell(session, outcome)


def show_plan(outcome: RunOutcome, *, is_json: bool) -> None:
    """What a dry run found: the run that would be, and the findings so far."""
    from qpcli.cli.findings import findings_document, findings_table

    law = outcome.summary.law
    if is_json:
        head = {"schema": PLAN_VERSION, "run_id": outcome.summary.run_id, "performance_year": law.performance_year}
        console.write_json({**head, **findings_document(outcome.findings)})
        return
    from rich.text import Text

    last = law.snapshots[-1].number
    words = (
        f"Run {outcome.summary.run_id} would determine performance year {law.performance_year} up to snapshot {last}."
    )
    console.show(Text(words), findings_table(outcome.findings))


def document(outcome: RunOutcome) -> dict[str, object]:
    """The one JSON object of a run."""
    from qpcli.reports.summary_json import summary_json

    return {"schema": JSON_VERSION, **summary_json(outcome.summary)}


def exit_status(outcome: RunOutcome, fail_on: FailOn) -> int:
    """The stored status of a run that stands, else what its findings make of it; 1 with an alert.

    An alert is looked for anew: its margin is no part of the run.
    """
    stored = outcome.stored_exit_code
    status = fail_on.exit_status(outcome.findings) if stored is None else stored
    return max(status, int(bool(outcome.summary.at_risk)))


def _table_text(settings: Settings, outcome: RunOutcome) -> bytes:
    from qpcli.cli.asked import stdout_table
    from qpcli.reports.csv import csv_text

    table = stdout_table(settings)
    return csv_text(outcome.tables[table.name], table, for_excel=settings.excel_csv)


def _tell(session: Session, outcome: RunOutcome) -> None:
    """The summary on stderr, in the form asked for."""
    from qpcli.reports.summary import terminal_summary

    if session.is_quiet:
        return
    if session.log_format is LogFormat.JSON:
        console.log(event="summary", **_short(outcome))
    else:
        console.say("", terminal_summary(outcome.summary))


def _short(outcome: RunOutcome) -> dict[str, object]:
    """What a log keeps of a run; the reports hold the rest."""
    whole = document(outcome)
    counts = Counter(finding.severity.value for finding in outcome.findings)
    kept = ("run_id", "performance_year", "is_up_to_date", "clinicians_by_status", "alert", "folder")
    return {name: whole[name] for name in kept} | {"findings": counts}


def _listen(session: Session, log_format: LogFormat | None, *, is_quiet: bool, is_verbose: bool) -> None:
    session.log_format = log_format or session.log_format
    session.is_quiet, session.is_verbose = is_quiet, is_verbose


def _note(session: Session, message: str) -> None:
    if session.is_quiet:
        return
    if session.log_format is LogFormat.JSON:
        console.log(event="note", message=message)
    else:
        console.say(message)
