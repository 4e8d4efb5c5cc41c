"""`qpcli clean`: what runs leave behind, above all where patients stand in it, taken away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qpcli.cli import console
from qpcli.cli.help import OTHER_OPTIONS
from qpcli.cli.options import AsJson, Debug, argument, option
from qpcli.cli.session import session_of

if TYPE_CHECKING:
    from qpcli.store.cleaning import Removed

JSON_VERSION = "qpcli.clean/1"


def clean(
    ctx: typer.Context,
    folder: Annotated[Path, argument("FOLDER", help="A report, a prepared store or a folder of rejected rows.")],
    is_all: Annotated[bool, option(OTHER_OPTIONS, "--all", help="Remove the report or store too.")] = False,
    json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Remove what holds patient data beside a report: cells, rejected rows, leftovers of killed runs, and the lock.

    The report stays, complete without its cells; so does a prepared store, unless --all is given. A folder that
    holds any other file is left as it is. Temporary folders of your killed runs go too. What was removed is listed.

    Exit status: 0 done, 3 nothing of that name, 4 not ours or not removable, 75 a run holds the folder.

    Examples:
      qpcli determine --config sample_data/qpcli.toml --out reports --keep-cells
      qpcli clean reports
      qpcli clean reports --all
    """
    session_of(ctx).is_debugging = debug
    from qpcli.store.cleaning import clean

    removed = clean(folder, is_all=is_all)
    if json:
        console.write_json({"schema": JSON_VERSION, "removed": [_document(each) for each in removed]})
    else:
        _show(removed)
    return 0


def _document(removed: Removed) -> dict[str, str]:
    return {"what": removed.what, "path": str(removed.path)}


def _show(removed: tuple[Removed, ...]) -> None:
    lines = [console.printable(f"removed {each.what}: {each.path}") for each in removed]
    console.write("\n".join([*lines, ""] if lines else ["Nothing was left to remove.", ""]).encode())
