"""`qpcli forecast`: how complete a run's claims are, and what its scores will be."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qpcli.cli import console
from qpcli.cli.finished import Format, Run, finished_run, opened
from qpcli.cli.options import AsJson, Debug, OpeningKey, option
from qpcli.cli.pages import PageFormat, show_page
from qpcli.cli.session import session_of

FORECAST = "Forecast"


def forecast(
    ctx: typer.Context,
    run: Run = None,
    snapshot: Annotated[
        int | None, option(FORECAST, "--snapshot", metavar="1|2|3", help="Which snapshot; default the run's newest.")
    ] = None,
    apm_entity: Annotated[
        str | None, option(FORECAST, "--apm-entity", metavar="ID", help="One APM Entity; default all.")
    ] = None,
    prior: Annotated[
        Path | None,
        option(
            FORECAST, "--prior", metavar="RUN", help="A complete run of an earlier year: its long lags and seasons."
        ),
    ] = None,
    format: Format = PageFormat.TEXT,
    encrypt_key_file: OpeningKey = None,
    json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Project a snapshot whose run-out, or whose services, are not over yet, and say how sure it is.

    RUN is a report folder made with --keep-cells; default: `out` of qpcli.toml. Nothing is written. How late claims
    are is read from the claims themselves; who is still to come, from how often those who came have come. A range
    is meant to hold what comes in 80 of 100 cases; the same run gives the same answer.

    Exit status: 0 answered, 2 usage, 3 the run cannot answer.

    Examples:
      qpcli sample --out spring --year 2025 --as-of 2025-05-20
      qpcli init spring --year 2025
      qpcli determine --config spring/qpcli.toml --out spring-reports --keep-cells --fail-on never
      qpcli forecast spring-reports
      qpcli forecast spring-reports --snapshot 1 --apm-entity SYN03 --json
    """
    session = session_of(ctx)
    session.is_debugging = debug
    with opened(session):
        from qpcli.analysis.forecasting import forecast_answer
        from qpcli.analysis.forecasting.forecast import Question
        from qpcli.analysis.forecasting.forecast import forecast as forecasted

        finished = finished_run(run, encrypt_key_file)
        earlier = None if prior is None else finished_run(prior, encrypt_key_file)
        answer = forecasted(finished, Question(snapshot, apm_entity, earlier))
        if json:
            console.write_json(forecast_answer.document(finished, answer))
        else:
            show_page(forecast_answer.page(finished, answer), format)
    return 0
