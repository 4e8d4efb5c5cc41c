"""A participant list's rows made ready: one column per role, one NPI per row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from qpcli.errors import InputError
from qpcli.inputs.files import InputFile
from qpcli.inputs.frame_scan import FrameFile
from qpcli.inputs.list_tables import open_list
from qpcli.inputs.parse_text import TRUE_WORDS
from qpcli.inputs.rosters.names import (
    CCN,
    FIRST_NAME,
    LAST_NAME,
    NPI,
    ORGANIZATION_NPI,
    SOLE_PROPRIETOR,
    SOLE_PROPRIETOR_TIN,
    TIN,
    RosterColumns,
    header_test,
    match_roster,
)
from qpcli.request import ReadOptions
from qpcli.tables.participants import PARTICIPANTS
from qpcli.terms import ListType

_SEVERAL = r"[,;\r\n][,;\s]*"


@dataclass(frozen=True, slots=True)
class Roster:
    """A list whose rows are ready: each role has one column, and one that is all blank has none but TIN and NPI.

    `has_only_tins`: nobody is named, and no organization either that would explain it.
    """

    file: FrameFile
    columns: RosterColumns
    has_only_tins: bool = False

    def column(self, role: str) -> str | None:
        """The list's column of a role."""
        return next(iter(self.columns.of(role)), None)


def open_roster(file: InputFile, options: ReadOptions) -> Roster:
    """The list opened and tidied; raises the errors of `open_list`, and QP205 for columns that contradict."""
    user_names = options.column_names.get(PARTICIPANTS.name, {})
    opened = open_list(file, options, is_header=header_test(user_names))
    roster = _merged(Roster(opened, match_roster(tuple(opened.columns), user_names)))
    roster = replace(roster, has_only_tins=_has_only_tins(roster))
    for step in (_with_sole_proprietors, _with_names, _with_list_types, _one_npi_per_row):
        roster = step(roster)
    return roster


def _has_only_tins(roster: Roster) -> bool:
    npi = roster.column(NPI)
    if npi is None:
        return True
    names_organizations = any(roster.column(role) for role in (ORGANIZATION_NPI, CCN))
    return not names_organizations and not _is_filled(roster.file.frame, npi)


def text(name: str) -> pl.Expr:
    """The cells of a column without blanks around them; null for what is blank."""
    stripped = pl.col(name).str.strip_chars()
    return pl.when(~stripped.is_in(["", "~"])).then(stripped)


def _changed(roster: Roster, frame: pl.DataFrame, **columns: tuple[str, ...]) -> Roster:
    found = {**roster.columns.found, **columns}
    return replace(roster, file=replace(roster.file, frame=frame), columns=replace(roster.columns, found=found))


def _is_filled(frame: pl.DataFrame, name: str) -> bool:
    """Whether a column has anything to say; the columns of a list without rows count as filled."""
    return frame.is_empty() or bool(frame.select(text(name).is_not_null().any()).item())


def _merged(roster: Roster) -> Roster:
    """Each role in one column. Several that could be meant must agree where both are filled."""
    frame, found = roster.file.frame, {}
    for role, names in roster.columns.found.items():
        filled = [name for name in names if _is_filled(frame, name)]
        if len(filled) > 1:
            _check_agreement(roster.file.file, frame, role, filled)
            frame = frame.with_columns(pl.coalesce(map(text, filled)).alias(filled[0]))
        # Blank TINs and NPIs are for the rows to answer for.
        found[role] = tuple(filled[:1] or (names[:1] if role in (TIN, NPI) else ()))
    return _changed(roster, frame, **found)


def _check_agreement(file: InputFile, frame: pl.DataFrame, role: str, names: Sequence[str]) -> None:
    first, *others = map(text, names)
    if frame.select(pl.any_horizontal((first != other).any() for other in others)).item():
        raise InputError(
            "QP205",
            f"{file.name}: several columns could be participants.{role}, and they differ: {', '.join(names)}.",
            "Name the right one in [columns] of qpcli.toml.",
        )


def _with_sole_proprietors(roster: Roster) -> Roster:
    """A sole proprietor's own TIN stands in where the TIN is blank."""
    tin, own, is_sole = map(roster.column, (TIN, SOLE_PROPRIETOR_TIN, SOLE_PROPRIETOR))
    if own is None or is_sole is None:
        return roster
    name = tin or _free_name(roster, "TIN")
    stands_in = pl.when(text(is_sole).str.to_lowercase().is_in(TRUE_WORDS)).then(text(own))
    filled = stands_in if tin is None else pl.coalesce(text(tin), stands_in)
    return _changed(roster, roster.file.frame.with_columns(filled.alias(name)), **{TIN: (name,)})


def _with_names(roster: Roster) -> Roster:
    parts = [text(name) for name in map(roster.column, (FIRST_NAME, LAST_NAME)) if name is not None]
    if roster.column("clinician_name") is not None or not parts:
        return roster
    name = _free_name(roster, "Clinician Name")
    joined = pl.concat_str(parts, separator=" ", ignore_nulls=True)
    return _changed(roster, roster.file.frame.with_columns(joined.alias(name)), clinician_name=(name,))


def _free_name(roster: Roster, name: str) -> str:
    return f"{name} (joined)" if name in roster.file.frame.columns else name


def _with_list_types(roster: Roster) -> Roster:
    """A list's own name for itself, such as `Affiliated Practitioner List`, is known by its first eight letters."""
    name = roster.column("list_type")
    if name is None:
        return roster
    word = text(name).str.to_lowercase()
    known = pl.coalesce(pl.when(word.str.starts_with(known[:8])).then(pl.lit(known)) for known in map(str, ListType))
    return _changed(roster, roster.file.frame.with_columns(pl.coalesce(known, text(name)).alias(name)))


def _one_npi_per_row(roster: Roster) -> Roster:
    """A cell with several NPIs gives a row each, all with the number of the record."""
    name = roster.column(NPI)
    frame = roster.file.frame
    if name is None or not frame.select(text(name).str.contains(_SEVERAL).any()).item():
        return roster
    parts = text(name).str.replace_all(_SEVERAL, ",").str.strip_chars(", ").str.split(",")
    numbered = frame.with_columns(parts.alias(name), pl.Series("number", roster.file.numbers))
    apart = numbered.explode(name)
    file = replace(roster.file, frame=apart.drop("number"), numbers=tuple(apart["number"]))
    return replace(roster, file=file)
