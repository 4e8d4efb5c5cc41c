"""`qpcli tally`: one part of a store's shards, for any scheduler to run."""

from __future__ import annotations

import typer

from qpcli.cli import console, options
from qpcli.cli.runs import begin, watched

JSON_VERSION = "qpcli.tally/1"


def tally(
    ctx: typer.Context,
    shard: options.ShardPart = None,
    claims: options.Claims = None,
    beneficiaries: options.Beneficiaries = None,
    participants: options.Participants = None,
    attribution: options.Attribution = None,
    entities: options.Entities = None,
    other_payer: options.OtherPayer = None,
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
    out: options.TallyFile = None,
    encrypt_key_file: options.KeyFile = None,
    json: options.AsJson = False,
    log_format: options.Log = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    debug: options.Debug = False,
) -> int:
    """Tally one part of a prepared store's shards into a file; `determine --tallies` adds the parts up.

    Takes the same settings as determine. Part K of N can run on any machine that sees the store, at any time; the
    sum of all N parts is the run itself, to the last cent. A file of another run is refused.

    Examples:
      qpcli convert --claims sample_data/claim_lines --out store
      qpcli tally --shard 1/2 --config sample_data/qpcli.toml --claims store --out part-1.tally
      qpcli tally --shard 2/2 --config sample_data/qpcli.toml --claims store --out part-2.tally
      qpcli determine --config sample_data/qpcli.toml --claims store --tallies 'part-*.tally'
    """
    session, settings = begin(ctx, locals())
    from qpcli.cli.asked import part_of, request_of, tally_file
    from qpcli.tallies import tally

    part, file = part_of(settings), tally_file(settings)
    request = request_of(settings.without_output())
    outcome = watched(session, lambda asked, watcher: tally(asked, part, file, watcher), request)
    if settings.json_:
        head = {"schema": JSON_VERSION, "tally_id": outcome.tally_id, "part": part.number, "parts": part.count}
        console.write_json({**head, "shards": outcome.shard_count, "file": str(file)})
    elif not settings.quiet:
        words = f"Part {part.number} of {part.count} ({outcome.shard_count} shards) is in {file}."
        console.say(words)
    return 0
