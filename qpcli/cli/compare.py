"""`qpcli compare`: two runs, or a run and what CMS has published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qpcli.cli import console, options
from qpcli.cli.help import OTHER_OPTIONS
from qpcli.cli.runs import natives_tamed
from qpcli.cli.session import session_of
from qpcli.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from qpcli.analysis.compare import Comparison, EntityDifference

JSON_VERSION = "qpcli.compare/1"
STDOUT = "-"
COMPARE = "Compare"


def compare(
    ctx: typer.Context,
    run: Annotated[Path, options.argument("RUN", help="A report of determine.")],
    other: Annotated[
        Path, options.argument("OTHER", help="Another report, or saved answers of CMS's eligibility service.")
    ],
    snapshot: Annotated[
        int | None,
        options.option(COMPARE, "--snapshot", metavar="1|2|3", help="The snapshot that CMS's answers are of."),
    ] = None,
    assume: options.Assume = None,
    out: Annotated[
        str | None,
        options.option(COMPARE, "--out", metavar="FILE|-", help="Write every difference as CSV; `-` is stdout."),
    ] = None,
    evidence: Annotated[
        Path | None,
        options.option(
            COMPARE, "--evidence", metavar="FILE", help="Markdown for a targeted review of clinicians CMS left out."
        ),
    ] = None,
    encrypt_key_file: options.OpeningKey = None,
    json: options.AsJson = False,
    quiet: Annotated[bool, options.option(OTHER_OPTIONS, "-q", "--quiet", help="No summary.")] = False,
    debug: options.Debug = False,
) -> int:
    """Compare a run with another run or with CMS's published result, and sort the differences by cause.

    Causes: roster, timing and run-out, attribution list, rule or threshold, other payers; what nothing explains is
    said to be unexplained. CMS's answers (JSON of the QPP eligibility service, saved one per file, in a list or one
    per line; or CSV) are read from files: nothing is asked of the service.

    Exit status: 0 nothing differs, 1 something does, 2 usage, 3 an input cannot be read.

    Examples:
      qpcli determine --config sample_data/qpcli.toml --out run-1
      qpcli determine --config sample_data/qpcli.toml --assume claims_run_out_days=90 --out run-2
      qpcli compare run-1 run-2 || echo "exit status $?"
      qpcli compare run-1 run-2 --out differences.csv || echo "exit status $?"
    """
    session = session_of(ctx)
    session.is_debugging, session.is_quiet = debug, quiet
    if json and out == STDOUT:
        raise UsageError("QP104", "--json and `--out -` both want stdout.")
    from qpcli.analysis.compare import CompareRequest
    from qpcli.analysis.compare import compare as compared
    from qpcli.configuration import assumptions

    file = None if out in (None, STDOUT) else Path(str(out))
    request = CompareRequest(run, other, snapshot, assumptions(assume or ()), file, evidence, encrypt_key_file)
    with natives_tamed(session):
        comparison = compared(request)
    if json:
        console.write_json(_document(comparison))
    elif out == STDOUT:
        console.write(comparison.as_csv())
    elif not quiet:
        console.show(*_summary(comparison))
    return int(comparison.differences.height > 0)


def _document(comparison: Comparison) -> dict[str, object]:
    return {
        "schema": JSON_VERSION,
        "notes": list(comparison.words),
        "counts": [
            {"subject": subject.value, "cause": cause.value, "count": count}
            for subject, cause, count in comparison.counts()
        ],
        "status_changes": [
            {"first": first, "second": second, "clinician_count": count}
            for first, second, count in comparison.status_changes()
        ],
        "omitted_count": comparison.omitted_count,
        "difference_count": comparison.differences.height,
    }


def _summary(comparison: Comparison) -> list[RenderableType]:
    from rich.text import Text

    from qpcli.cli.tables import plain_table

    shown: list[RenderableType] = [Text(word) for word in comparison.words]
    counts = comparison.counts()
    if not counts:
        return [*shown, Text("Nothing differs.")]
    rows = [(_words(cause.value), _words(subject.value), f"{count:,}") for subject, cause, count in counts]
    shown += [Text(), plain_table(("cause", "what differs", "rows"), rows, right=("rows",))]
    if entities := comparison.entities():
        headers = ("APM Entity", "snapshot", "basis", "status", "payments %", "patients %", "cause")
        shown += [Text(), plain_table(headers, [_entity_row(each) for each in entities])]
        if comparison.entity_count > len(entities):
            shown.append(Text(f"{comparison.entity_count - len(entities):,} more; --out writes every difference."))
    if changes := comparison.status_changes():
        told = [(first or "-", _second(first, second), f"{count:,}") for first, second, count in changes]
        shown += [Text(), plain_table(("clinicians from", "to", "count"), told, right=("count",))]
    if comparison.omitted_count:
        shown.append(
            Text(f"\nClinicians with a status whom CMS's answer names in no APM: {comparison.omitted_count:,}.")
        )
    return shown


def _second(first: str | None, second: str | None) -> str:
    """The second status; an equal one was decided by another score."""
    return f"{second}, decided otherwise" if first == second else second or "-"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _entity_row(one: EntityDifference) -> tuple[str, ...]:
    from qpcli.reports.summary_words import points

    def sides(scores: tuple[int | None, int | None]) -> str:
        return " -> ".join("-" if score is None else points(score) for score in scores)

    statuses = " -> ".join(status or "-" for status in one.statuses) if len({*one.statuses}) > 1 else one.statuses[0]
    return (
        console.printable(one.apm_entity_id),
        str(one.snapshot),
        one.basis,
        statuses or "-",
        sides(one.payment_scores),
        sides(one.patient_scores),
        _words(one.cause.value),
    )
