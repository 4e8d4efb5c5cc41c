"""`qpcli whatif`: scores of a finished run with another roster, other thresholds or another attribution list."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from qpcli.cli import console
from qpcli.cli.finished import Format, Run, finished_run, opened
from qpcli.cli.options import LAW, LISTS, AsJson, Assume, Debug, OpeningKey, option
from qpcli.cli.pages import PageFormat, show_page
from qpcli.cli.session import session_of
from qpcli.errors import UsageError

if TYPE_CHECKING:
    from qpcli.analysis.changes import Changes
    from qpcli.analysis.finished_run import FinishedRun

RANKING = "Ranking"


class RankKind(StrEnum):
    """What is left out one by one."""

    TINS = "tins"
    NPIS = "npis"


DropTin = Annotated[
    list[str] | None, option(LISTS, "--drop-tin", metavar="TIN", help="Drop a TIN from every list; repeatable.")
]
DropNpi = Annotated[
    list[str] | None, option(LISTS, "--drop-npi", metavar="NPI", help="Drop an NPI from every list; repeatable.")
]
AddParticipants = Annotated[
    list[str] | None,
    option(LISTS, "--add-participants", metavar="PATH", help="List entries to add, in any layout; repeatable."),
]
Attribution = Annotated[
    list[str] | None,
    option(LISTS, "--attribution", metavar="PATH", help="An attribution list in place of the run's; repeatable."),
]
ThresholdsYear = Annotated[
    int | None, option(LAW, "--thresholds", metavar="YEAR", help="Thresholds of another performance year.")
]
Rank = Annotated[
    RankKind | None,
    option(RANKING, "--rank", metavar="tins|npis", help="Leave out each one, and rank them by the effect."),
]
Suggest = Annotated[
    bool, option(RANKING, "--suggest", help="Search the fewest TINs to drop for QP status; needs --apm-entity.")
]
ApmEntity = Annotated[
    str | None, option(RANKING, "--apm-entity", metavar="ID", help="The APM Entity to rank or search for.")
]
Top = Annotated[int, option(RANKING, "--top", metavar="N", help="Rows to show per entity; default 20.")]


def whatif(
    ctx: typer.Context,
    run: Run = None,
    drop_tin: DropTin = None,
    drop_npi: DropNpi = None,
    add_participants: AddParticipants = None,
    attribution: Attribution = None,
    thresholds: ThresholdsYear = None,
    assume: Assume = None,
    rank: Rank = None,
    suggest: Suggest = False,
    apm_entity: ApmEntity = None,
    top: Top = 20,
    format: Format = PageFormat.TEXT,
    encrypt_key_file: OpeningKey = None,
    json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Change the lists, the thresholds or the attribution of a finished run, and show scores before and after.

    RUN is a report folder made with --keep-cells; default: `out` of qpcli.toml. Nothing is written. The sets of
    beneficiaries are computed again from the cells, so the answer is the one a full run with these lists would give.
    Clinicians who were on no list can be added when the run was made with --keep-cells all.

    Exit status: 0 answered, 2 usage, 3 the run cannot answer.

    Examples:
      qpcli determine --config sample_data/qpcli.toml --out reports --keep-cells
      qpcli whatif reports --thresholds 2024
      qpcli whatif reports --rank tins --top 5
      qpcli whatif reports --suggest --apm-entity SYN03
      qpcli whatif reports --assume group_membership=on_snapshot_date --json
    """
    session = session_of(ctx)
    session.is_debugging = debug
    changes = _changes(drop_tin, drop_npi, add_participants, attribution, thresholds, assume)
    _refuse_clashes(changes, rank, is_suggesting=suggest, apm_entity=apm_entity, top=top)
    with opened(session):
        finished = finished_run(run, encrypt_key_file)
        if suggest:
            _suggest(finished, changes, apm_entity or "", format, is_json=json)
        elif rank is not None:
            _rank(finished, rank, apm_entity, top, format, is_json=json)
        else:
            _answer(finished, changes, format, is_json=json)
    return 0


def _changes(
    drop_tin: list[str] | None,
    drop_npi: list[str] | None,
    add_participants: list[str] | None,
    attribution: list[str] | None,
    thresholds: int | None,
    assume: list[str] | None,
) -> Changes:
    from qpcli.analysis.changes import Changes
    from qpcli.configuration import assumptions

    return Changes(
        drop_tins=_identifiers("--drop-tin", drop_tin, 9),
        drop_npis=_identifiers("--drop-npi", drop_npi, 10),
        add_participants=tuple(add_participants or ()),
        thresholds_year=thresholds,
        attribution=tuple(attribution or ()),
        assumptions=assumptions(assume or ()),
    )


def _identifiers(name: str, given: list[str] | None, digits: int) -> tuple[str, ...]:
    """TINs or NPIs as lists hold them; leading zeros that a spreadsheet took away come back."""
    values = [value.strip().replace("-", "") for value in given or ()]
    if not all(value.isascii() and value.isdigit() and len(value) <= digits for value in values):
        raise UsageError("QP101", f"{name} is not a number of {digits} digits.")
    return tuple(value.zfill(digits) for value in values)


def _refuse_clashes(
    changes: Changes, rank: RankKind | None, *, is_suggesting: bool, apm_entity: str | None, top: int
) -> None:
    is_changed = any((changes.drop_tins, changes.drop_npis, changes.add_participants, changes.attribution))
    is_changed = is_changed or changes.thresholds_year is not None or bool(changes.assumptions)
    if not is_changed and rank is None and not is_suggesting:
        raise UsageError("QP101", "Nothing is changed.", "Give --drop-tin, --thresholds or another change, or --rank.")
    clashes = (
        (rank is not None and is_suggesting, "--rank and --suggest exclude each other."),
        (rank is not None and is_changed, "--rank ranks the run as it is, without changes."),
        (is_suggesting and apm_entity is None, "--suggest needs --apm-entity ID."),
        (rank is None and not is_suggesting and apm_entity is not None, "--apm-entity needs --rank or --suggest."),
        (top < 1, "--top is less than 1."),
    )
    for does_clash, words in clashes:
        if does_clash:
            raise UsageError("QP104", words)


def _answer(run: FinishedRun, changes: Changes, format: PageFormat, *, is_json: bool) -> None:
    from qpcli.analysis import whatif_answer
    from qpcli.analysis.whatif import whatif

    answer = whatif(run, changes)
    if is_json:
        console.write_json(whatif_answer.document(run, answer))
    else:
        show_page(whatif_answer.page(run, answer), format)


def _rank(
    run: FinishedRun, kind: RankKind, apm_entity: str | None, top: int, format: PageFormat, *, is_json: bool
) -> None:
    from qpcli.analysis import ranking

    what = kind.value.removesuffix("s")
    found = ranking.ranked(run, what, apm_entity)
    if is_json:
        console.write_json(ranking.rank_document(run, what, found))
    else:
        show_page(ranking.rank_page(run, what, found, top), format)


def _suggest(run: FinishedRun, changes: Changes, apm_entity: str, format: PageFormat, *, is_json: bool) -> None:
    from qpcli.analysis import suggestion

    found = suggestion.suggest(run, changes, apm_entity)
    if is_json:
        console.write_json(suggestion.document(run, found))
    else:
        show_page(suggestion.page(run, found), format)
