"""`qpcli check`: read and validate, score nothing."""

from __future__ import annotations

import typer

from qpcli.cli import options
from qpcli.cli.failures import say_error
from qpcli.cli.findings import show_findings
from qpcli.cli.runs import begin, watched
from qpcli.errors import InputError
from qpcli.findings import Finding
from qpcli.request import FailOn

JSON_VERSION = "qpcli.check/1"
BAD_ROWS = ("QP203", "QP207")
"""What `check` is asked to find: exit 1 and not 3."""


def check(
    ctx: typer.Context,
    claims: options.Claims = None,
    beneficiaries: options.Beneficiaries = None,
    participants: options.Participants = None,
    attribution: options.Attribution = None,
    entities: options.Entities = None,
    other_payer: options.OtherPayer = None,
    config: options.Config = None,
    year: options.Year = None,
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
    encrypt_key_file: options.KeyFile = None,
    json: options.AsJson = False,
    log_format: options.Log = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    debug: options.Debug = False,
) -> int:
    """Read and validate all inputs and say what was found; score nothing.

    Takes every step of determine up to the scores, so that it finds whatever determine would refuse, and the same
    settings, also from the environment and qpcli.toml. Exit status: 0 nothing wrong, 1 bad rows or findings that are
    errors, 2 usage, 3 an input that cannot be read at all.

    Examples:
      qpcli check --config sample_data/qpcli.toml
      qpcli check --config sample_data/qpcli.toml --json
    """
    session, settings = begin(ctx, locals())
    from qpcli.cli.asked import request_of
    from qpcli.run import check

    errors: list[InputError] = []
    findings: tuple[Finding, ...] = ()
    try:
        findings = watched(session, check, request_of(settings)).findings
    except InputError as error:
        if error.code not in BAD_ROWS:
            raise
        say_error(error, session)
        errors = [error]
    show_findings(findings, errors, schema=JSON_VERSION, is_json=settings.json_)
    return 1 if errors else FailOn.ERROR.exit_status(findings)
