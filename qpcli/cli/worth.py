"""`qpcli worth`: the incentive of a finished run's QPs, against what it costs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qpcli.cli import console, options
from qpcli.cli.runs import begin, watched
from qpcli.cli.session import LogFormat, Session

if TYPE_CHECKING:
    from qpcli.configuration import Settings
    from qpcli.worth.answer import WorthOutcome

JSON_VERSION = "qpcli.worth/1"
AGAINST = "Against it"

BaseClaims = Annotated[
    list[str] | None,
    options.option(
        options.INPUTS, "--base-claims", metavar="PATH", help="Claim lines of the base year, in any layout; repeatable."
    ),
]
BaseAmountsPath = Annotated[
    str | None,
    options.option(options.INPUTS, "--base-amounts", metavar="PATH", help="Base amounts themselves: npi, tin, amount."),
]
WorthParticipants = Annotated[
    str | None,
    options.option(
        options.INPUTS, "--participants", metavar="PATH", help="The run's Participation Lists: which TINs are paid."
    ),
]
PaymentYear = Annotated[
    int | None,
    options.option(
        options.LAW,
        "--payment-year",
        metavar="YEAR",
        help="Payment year; default: two years after the performance year.",
    ),
]
MipsAdjustment = Annotated[
    str | None,
    options.option(
        AGAINST, "--mips-adjustment", metavar="PERCENT", help="MIPS adjustment that QPs forgo, such as 1.5."
    ),
]
SharedLoss = Annotated[
    str | None, options.option(AGAINST, "--shared-loss", metavar="AMOUNT", help="Shared loss owed to CMS, in USD.")
]
WorthTable = Annotated[
    str | None,
    options.option(options.REPORTS, "--table", metavar="NAME", help="Table for `--out -`; default npi_incentives."),
]


def worth(
    ctx: typer.Context,
    run: Annotated[Path, options.argument("RUN", help="A report of `qpcli determine`; needed.")],
    base_claims: BaseClaims = None,
    base_amounts: BaseAmountsPath = None,
    participants: WorthParticipants = None,
    config: options.Config = None,
    payment_year: PaymentYear = None,
    mips_adjustment: MipsAdjustment = None,
    shared_loss: SharedLoss = None,
    law_as_of: options.LawAsOf = None,
    assume: options.Assume = None,
    pfs_codes: options.PfsCodes = None,
    layout: options.LayoutChoice = None,
    encoding: options.Encoding = None,
    max_rejects: options.MaxRejects = None,
    rejects: options.Rejects = None,
    out: options.Out = None,
    table: WorthTable = None,
    format: options.Format = None,
    encrypt_key_file: options.KeyFile = None,
    force: options.Force = False,
    wait: options.Wait = None,
    fail_on: options.FailOnSeverity = None,
    memory: options.Memory = None,
    json: options.AsJson = False,
    log_format: options.Log = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    debug: options.Debug = False,
) -> int:
    """Show what QP status is worth: the lump sum per NPI and TIN, the higher fee schedule, and what stands against it.

    The base is what Medicare paid the run's QPs under all their TINs for covered professional services of the year
    before the payment year: --base-claims sums it, --base-amounts gives it (columns npi, tin, amount). The net of a
    MIPS adjustment forgone and a shared loss owed is shown with the break-even of each.

    Exit status: 0 done, 1 findings at or above --fail-on, 2 usage, 3 input unusable, 4 output not writable,
    6 resources, 75 another run holds the folder.

    Examples:
      qpcli determine --config sample_data/qpcli.toml --out reports
      qpcli worth reports --config sample_data/qpcli.toml --base-claims sample_data/claim_lines
      qpcli worth reports --base-claims sample_data/claim_lines --payment-year 2026 \\
        --mips-adjustment 1.5 --shared-loss 10000
      qpcli worth reports --base-claims sample_data/claim_lines --out - > incentive.csv
    """
    session, settings = begin(ctx, locals())
    from qpcli.cli.asked import worth_of
    from qpcli.worth.answer import worth

    outcome = watched(session, worth, worth_of(settings, run))
    _hand_out(session, settings, outcome)
    if outcome.stored_exit_code is not None:
        return outcome.stored_exit_code
    return settings.fail_on.exit_status(outcome.findings)


def _hand_out(session: Session, settings: Settings, outcome: WorthOutcome) -> None:
    """JSON or a table to stdout; the summary for people to stdout, or to stderr when something was written."""
    from qpcli.reports.worth_summary import terminal_worth, worth_json

    if settings.json_:
        console.write_json({"schema": JSON_VERSION, **worth_json(outcome.summary)})
    elif settings.writes_to_stdout:
        from qpcli.cli.asked import worth_table
        from qpcli.reports.csv import csv_text

        chosen = worth_table(settings)
        console.write(csv_text(outcome.tables[chosen.name], chosen))
        _tell(session, outcome)
    elif outcome.summary.folder is None:
        console.show(terminal_worth(outcome.summary, names_tins=True))
    else:
        _tell(session, outcome)


def _tell(session: Session, outcome: WorthOutcome) -> None:
    from qpcli.reports.worth_summary import terminal_worth, worth_json

    if session.is_quiet:
        return
    if session.log_format is LogFormat.JSON:
        whole = worth_json(outcome.summary)
        kept = ("run_id", "payment_year", "qp_count", "incentive_amount", "net_amount", "folder")
        console.log(event="summary", **{name: whole[name] for name in kept})
    else:
        console.say("", terminal_worth(outcome.summary, names_tins=False))
