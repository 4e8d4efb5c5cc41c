"""`qpcli convert`: claims of any layout made into a prepared store."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import typer

from qpcli.cli import console, options
from qpcli.cli.runs import begin, watched
from qpcli.cli.session import LogFormat, Session

if TYPE_CHECKING:
    from qpcli.configuration import Settings
    from qpcli.conversion import ConversionOutcome

JSON_VERSION = "qpcli.convert/1"


def convert(
    ctx: typer.Context,
    claims: options.Claims = None,
    beneficiaries: options.Beneficiaries = None,
    out: options.Store = None,
    config: options.Config = None,
    year: options.Year = None,
    assume: options.Assume = None,
    layout: options.LayoutChoice = None,
    encoding: options.Encoding = None,
    max_rejects: options.MaxRejects = None,
    rejects: options.Rejects = None,
    shards: options.Shards = None,
    encrypt_key_file: options.KeyFile = None,
    force: options.Force = False,
    wait: options.Wait = None,
    fail_on: options.FailOnSeverity = None,
    json: options.AsJson = False,
    log_format: options.Log = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    debug: options.Debug = False,
) -> int:
    """Make a prepared store of claims in any layout, so that later runs read them faster.

    Give --out an existing store and the files that it does not have yet are added, as if all had been converted
    together; files that it has are not read again. `qpcli determine --claims STORE` reads the store.

    Exit status: 0 done, 1 findings at or above --fail-on, 2 usage, 3 input unusable, 4 output not writable,
    6 resources, 75 another run holds the store.

    Examples:
      qpcli convert --claims sample_data/claim_lines --out store
      qpcli determine --config sample_data/qpcli.toml --claims store
    """
    session, settings = begin(ctx, locals())
    from qpcli.cli.asked import conversion_of
    from qpcli.conversion import convert

    outcome = watched(session, convert, conversion_of(settings))
    _tell(session, settings, outcome)
    return settings.fail_on.exit_status(outcome.findings)


def _tell(session: Session, settings: Settings, outcome: ConversionOutcome) -> None:
    """JSON to stdout; words for people, or a line of the log, to stderr."""
    from qpcli.cli.findings import findings_document, findings_table

    if settings.json_:
        console.write_json({"schema": JSON_VERSION, **_counts(outcome), **findings_document(outcome.findings)})
    elif session.is_quiet:
        return
    elif session.log_format is LogFormat.JSON:
        severities = Counter(finding.severity.value for finding in outcome.findings)
        console.log(event="summary", **_counts(outcome), folder=settings.out, findings=severities)
    else:
        from rich.text import Text

        console.say("", Text(_sentence(outcome, settings.out or "")), findings_table(outcome.findings))


def _counts(outcome: ConversionOutcome) -> dict[str, object]:
    record = outcome.record
    counts = {"layout": record.layout, "shards": record.shard_count, "rows": record.row_count}
    return {**counts, "files": len(record.sources), "added_files": outcome.added_count}


def _sentence(outcome: ConversionOutcome, folder: str) -> str:
    record = outcome.record
    if not outcome.added_count:
        return f"The prepared store {folder} is up to date: {record.row_count:,} claim lines."
    added = "1 file was" if outcome.added_count == 1 else f"{outcome.added_count:,} files were"
    return f"{added} read: {folder} holds {record.row_count:,} claim lines in {record.shard_count} shards."
