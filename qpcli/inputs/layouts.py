"""Which layout the claims have, and the reader of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from qpcli.errors import InputError
from qpcli.findings import Finding
from qpcli.inputs.bcda.beneficiaries import beneficiaries as bcda_beneficiaries
from qpcli.inputs.bcda.package import open_bcda
from qpcli.inputs.canonical import scan_claim_lines
from qpcli.inputs.cclf.beneficiaries import beneficiaries as cclf_beneficiaries
from qpcli.inputs.cclf.package import open_cclf
from qpcli.inputs.files import FileForm, InputFile, state_of
from qpcli.inputs.package import ClaimsPackage
from qpcli.inputs.recognition import Recognised, only_layout, recognise
from qpcli.inputs.rif.beneficiaries import beneficiaries as rif_beneficiaries
from qpcli.inputs.rif.package import open_rif
from qpcli.regulation.law import Law
from qpcli.request import Layout, ReadOptions

STORE_NAME = "store.json"
"""The record of a prepared store, by which its folder is known."""
MakeBeneficiaries = Callable[[pl.DataFrame, pl.DataFrame, pl.DataFrame, Law], tuple[pl.DataFrame, tuple[Finding, ...]]]
"""Records as delivered, crosswalk, months of other payers, law -> beneficiaries and findings."""

MAKE_BENEFICIARIES: dict[Layout, MakeBeneficiaries] = {
    Layout.CCLF: cclf_beneficiaries,
    Layout.RIF: rif_beneficiaries,
    Layout.BCDA: bcda_beneficiaries,
}


@dataclass(frozen=True, slots=True)
class FoundClaims:
    """Claims whose layout is known. `open` reads headers and small files; None for a prepared store, in `folder`."""

    layout: Layout
    files: tuple[InputFile, ...]
    open: Callable[[], ClaimsPackage] | None = None
    folder: Path | None = None
    findings: tuple[Finding, ...] = ()


def find_claims(paths: Sequence[str], beneficiaries: Sequence[str], options: ReadOptions, law: Law) -> FoundClaims:
    """The claims in the layout asked for, or that of their files; raises QP201, QP202, QP212, QP214 or QP216.

    Files of the same layout among the beneficiaries belong to them.
    """
    folder = _store_folder(paths)
    if folder is not None and options.layout in (Layout.AUTO, Layout.STORE):
        return FoundClaims(Layout.STORE, _files_below(folder), folder=folder)
    if options.layout is Layout.STORE:
        raise InputError("QP212", "The claims are no prepared store.", "`qpcli convert` makes one.")
    if options.layout is Layout.CANONICAL:
        return _canonical(paths, options)
    recognised = recognise(paths)
    layout = only_layout(recognised) if options.layout is Layout.AUTO else options.layout
    if layout is Layout.CANONICAL:
        return _canonical(paths, options)
    together = recognised + recognise(beneficiaries) if are_outside(beneficiaries, options) else recognised
    return _outside(layout, together, options, law)


def are_outside(beneficiaries: Sequence[str], options: ReadOptions) -> bool:
    """Whether the files given as beneficiaries are of an outside layout, and so belong to its claims."""
    if not beneficiaries or options.layout is Layout.CANONICAL:
        return False
    return only_layout(recognise(beneficiaries)) is not Layout.CANONICAL


def _store_folder(paths: Sequence[str]) -> Path | None:
    folders = [path for path in (Path(text).expanduser() for text in paths) if (path / STORE_NAME).is_file()]
    if folders and len(paths) > 1:
        raise InputError("QP212", "A prepared store is given beside other claims.", "Add them with `qpcli convert`.")
    return folders[0] if folders else None


def _files_below(folder: Path) -> tuple[InputFile, ...]:
    """Every file of a store, hashed like any other input."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple(InputFile(path, None, FileForm.PARQUET, is_gzip=False, state=state_of(path)) for path in paths)


def _canonical(paths: Sequence[str], options: ReadOptions) -> FoundClaims:
    scan = scan_claim_lines(paths, options)
    return FoundClaims(Layout.CANONICAL, scan.files, lambda: ClaimsPackage(Layout.CANONICAL, scan))


def _outside(layout: Layout, recognised: Recognised, options: ReadOptions, law: Law) -> FoundClaims:
    openers: dict[Layout, Callable[[], ClaimsPackage]] = {
        Layout.CCLF: partial(open_cclf, recognised.cclf, options, law),
        Layout.BCDA: partial(open_bcda, recognised.bcda, options, law),
        Layout.RIF: partial(open_rif, recognised.rif, options, law),
    }
    by_layout = {Layout.CCLF: recognised.cclf, Layout.BCDA: recognised.bcda, Layout.RIF: recognised.rif}
    if not by_layout[layout]:
        raise InputError("QP212", f"None of the claims files is in the layout {layout.value}.")
    return FoundClaims(layout, recognised.files, openers[layout], findings=tuple(recognised.findings()))
