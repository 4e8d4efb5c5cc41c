"""What the names of a delivered file and of its archive tell; the file's own name comes first."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from qpcli.errors import InputError
from qpcli.inputs.files import InputFile


def names_of(file: InputFile) -> tuple[str, ...]:
    """The name of the file, then that of its archive, in capitals and without folders."""
    archive = file.path.name.upper()
    return (archive,) if file.member is None else (PurePosixPath(file.member).name.upper(), archive)


def first_match(names: tuple[str, ...], form: re.Pattern[str]) -> re.Match[str] | None:
    """The first match in the first name that has any."""
    return next((found for name in names if (found := form.search(name))), None)


def entity_of(file: InputFile, form: re.Pattern[str]) -> str | None:
    """The APM Entity that the names tell, None when they do not; raises QP216 when they tell two."""
    found = {match[1] for name in names_of(file) for match in form.finditer(name)}
    if len(found) > 1:
        raise InputError("QP216", f"{file.name}: the names of file and archive tell different APM Entities.")
    return next(iter(found), None)
