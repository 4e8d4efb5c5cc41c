"""`qpcli explain`: every number behind the status of one clinician or APM Entity."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qpcli.cli import console
from qpcli.cli.finished import Format, Run, finished_run, opened
from qpcli.cli.options import INPUTS, AsJson, Debug, OpeningKey, argument, option
from qpcli.cli.pages import PageFormat, show_page
from qpcli.cli.session import session_of

if TYPE_CHECKING:
    from qpcli.analysis.finished_run import FinishedRun


def explain(
    ctx: typer.Context,
    subject: Annotated[str, argument("NPI|ENTITY", help="An NPI or an APM Entity id; needed.")],
    run: Run = None,
    beneficiary_file: Annotated[
        Path | None,
        option(
            INPUTS,
            "--beneficiary-file",
            metavar="FILE",
            help="Say why each beneficiary of the file counts or not; ids stand in a file and never in a command.",
        ),
    ] = None,
    format: Format = PageFormat.TEXT,
    encrypt_key_file: OpeningKey = None,
    json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Explain a status: the steps from all lines to the numerator, every result, what decided and what is missing.

    RUN is a report folder; default: `out` of qpcli.toml. Each step has its paragraph of law. A run that was made with
    --keep-cells also tells the lists a clinician is on, a clinician's own steps, and why a beneficiary counts or not;
    people of the file are named by their place in it.

    Exit status: 0 explained, 2 usage or nobody of that id, 3 the run cannot answer.

    Examples:
      qpcli determine --config sample_data/qpcli.toml --out reports --keep-cells
      qpcli explain SYN03 reports
      qpcli explain SYN03 reports --format markdown > SYN03.md
      cut -d, -f1 sample_data/beneficiaries.csv | head -4 > people.csv
      qpcli explain SYN03 reports --beneficiary-file people.csv --json
    """
    session = session_of(ctx)
    session.is_debugging = debug
    with opened(session):
        _answer(subject.strip(), finished_run(run, encrypt_key_file), beneficiary_file, format, is_json=json)
    return 0


def _answer(subject: str, run: FinishedRun, file: Path | None, format: PageFormat, *, is_json: bool) -> None:
    from qpcli.analysis import beneficiaries, explain_answer
    from qpcli.analysis.explain import explain

    told = explain(run, subject)
    ids = beneficiaries.read_people(file) if file is not None else ()
    people = beneficiaries.explain_people(run, subject, ids) if ids else ()
    if is_json:
        console.write_json(explain_answer.document(run, told, people))
    else:
        show_page(explain_answer.page(run, told, people), format)
