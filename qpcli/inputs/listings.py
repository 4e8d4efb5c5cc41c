"""Participant and entity lists of any layout: canonical, a roster as people keep it, or a model's own files."""

from __future__ import annotations

from collections.abc import Sequence

from qpcli.errors import InputError
from qpcli.inputs.archives import find_files
from qpcli.inputs.canonical import TableRead, read_table
from qpcli.inputs.cmds.files import CmdsFile
from qpcli.inputs.cmds.files import look_at as look_at_cmds
from qpcli.inputs.cmds.read import read_cmds_entities, read_cmds_participants
from qpcli.inputs.csv_header import Dialect
from qpcli.inputs.files import FileForm, InputFile, is_delivered
from qpcli.inputs.rosters.read import read_rosters
from qpcli.inputs.sources import open_file
from qpcli.regulation.law import Law
from qpcli.request import ReadOptions
from qpcli.tables.entities import ENTITIES
from qpcli.tables.participants import PARTICIPANTS

_ENOUGH = 3
"""A header with so many of the canonical names of required columns is meant to be canonical."""


def read_participants(paths: Sequence[str], options: ReadOptions, law: Law) -> TableRead:
    """Reads Participation Lists; raises the QP2xx errors, QP111 where the lists do not say enough."""
    files = find_files(paths, is_delivered)
    cmds = _cmds(files)
    if cmds:
        return read_cmds_participants(cmds, options, law)
    if all(_is_canonical(file, options) for file in files):
        return read_table(PARTICIPANTS, paths, options)
    return read_rosters(files, options, law)


def read_entities(paths: Sequence[str], options: ReadOptions, law: Law) -> TableRead:
    """Reads the facts of APM Entities; raises the QP2xx errors."""
    cmds = _cmds(find_files(paths, is_delivered))
    return read_cmds_entities(cmds, options, law) if cmds else read_table(ENTITIES, paths, options)


def _cmds(files: Sequence[InputFile]) -> list[CmdsFile]:
    """The files as model data; none unless all are."""
    found = [look_at_cmds(file) for file in files if file.form is not FileForm.WORKBOOK]
    known = [file for file in found if file is not None]
    return known if len(known) == len(files) else []


def _is_canonical(file: InputFile, options: ReadOptions) -> bool:
    """Whether a file names its columns as the canonical table does, or as the user's own mapping says."""
    if file.form is FileForm.WORKBOOK:
        return False
    try:
        names = {name.strip().lower() for name in open_file(file, Dialect(encoding=options.encoding)).columns}
    except InputError:
        return False
    mapped = options.column_names.get(PARTICIPANTS.name, {})
    required = [column.name for column in PARTICIPANTS.columns if column.is_required]
    given = [name for name in required if mapped.get(name, name).lower() in names]
    return file.form is FileForm.PARQUET or len(given) >= _ENOUGH
