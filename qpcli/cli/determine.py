"""`qpcli determine`: the main job."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from qpcli.cli import options
from qpcli.cli.runs import begin, exit_status, hand_out, show_plan, watched

if TYPE_CHECKING:
    from qpcli.cli.session import Session
    from qpcli.configuration import Settings


def determine(
    ctx: typer.Context,
    claims: options.Claims = None,
    beneficiaries: options.Beneficiaries = None,
    participants: options.Participants = None,
    attribution: options.Attribution = None,
    entities: options.Entities = None,
    other_payer: options.OtherPayer = None,
    tallies: options.Tallies = None,
    config: options.Config = None,
    year: options.Year = None,
    snapshot: options.SnapshotNumbers = None,
    law_as_of: options.LawAsOf = None,
    assume: options.Assume = None,
    em_codes: options.EmCodes = None,
    pfs_codes: options.PfsCodes = None,
    layout: options.LayoutChoice = None,
    encoding: options.Encoding = None,
    max_rejects: options.MaxRejects = None,
    rejects: options.Rejects = None,
    apm_entity: options.ApmEntity = None,
    list_date: options.ListDate = None,
    list_type: options.ListTypeChoice = None,
    sheet: options.Sheet = None,
    assignment: options.AssignmentChoice = None,
    out: options.Out = None,
    table: options.TableName = None,
    format: options.Format = None,
    excel_csv: options.ExcelCsv = False,
    share: options.Share = False,
    keep_cells: options.KeepCells = None,
    encrypt_key_file: options.KeyFile = None,
    dry_run: options.DryRun = False,
    force: options.Force = False,
    wait: options.Wait = None,
    fail_on: options.FailOnSeverity = None,
    alert_margin: options.AlertMargin = None,
    shards: options.TallyShards = None,
    memory: options.Memory = None,
    engine: options.EngineChoice = None,
    spark_master: options.SparkMaster = None,
    json: options.AsJson = False,
    log_format: options.Log = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    debug: options.Debug = False,
) -> int:
    """Compute Threshold Scores and every clinician's QP status, and write the reports.

    Without --out nothing is written and the summary stands on stdout. Whatever can be an option can also stand in
    the environment (QPCLI_YEAR) and in qpcli.toml; options come first, then the environment, then the file.

    Exit status: 0 done, 1 findings at or above --fail-on or an alert, 2 usage, 3 input unusable, 4 output not writable,
    5 internal error, 6 resources, 75 another run holds the folder.

    Examples:
      qpcli determine --config sample_data/qpcli.toml
      qpcli determine --config sample_data/qpcli.toml --out reports --format csv
      qpcli determine --config sample_data/qpcli.toml --out workbook --format xlsx
      qpcli determine --config sample_data/qpcli.toml --out - > determinations.csv
      qpcli determine --year 2025 --claims sample_data/claim_lines \\
        --beneficiaries 'sample_data/beneficiaries.*' --participants 'sample_data/participants.*' \\
        --attribution 'sample_data/attribution.*' --snapshot 1 --json
    """
    session, settings = begin(ctx, locals())
    return _answer(session, settings)


def _answer(session: Session, settings: Settings) -> int:
    from qpcli import run
    from qpcli.cli.asked import refuse_clashes, request_of

    refuse_clashes(settings)
    request = request_of(settings)
    if settings.dry_run:
        show_plan(watched(session, run.plan, request), is_json=settings.json_)
        return 0
    outcome = watched(session, run.determine, request)
    hand_out(session, settings, outcome)
    return exit_status(outcome, settings.fail_on)
