"""Rejected rows written out as read, for whoever mends them; they hold patient data, so nobody else may look."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from qpcli.errors import OutputError
from qpcli.inputs.opened import ROW, OpenFile
from qpcli.inputs.plan import BROKEN, IS_BAD, SourcePlan
from qpcli.inputs.rejects import FileRejects, RejectCount
from qpcli.inputs.sources import Source
from qpcli.stopping import cleared_on_stop

_ROW_NAME, _RULES_NAME = "qpcli_row", "qpcli_rules"
_BROKEN_LINES, _REJECTS = "broken-lines", "rejects"


def write_rejects(folder: Path, plans: Sequence[SourcePlan], repeated: Sequence[FileRejects] = ()) -> None:
    """One CSV per file and kind of defect: broken rules beside the file's own columns, broken lines as they are.

    Raises QP301. The folder gets mode 0700 when it is made, every file mode 0600.
    """
    try:
        with _all_or_none(folder) as made:
            for plan in plans:
                for source, frame in zip(plan.source.singly(), plan.with_rows(), strict=True):
                    _write_file(_Place(folder, plan, source.files[0], made), source, frame, repeated)
    except OSError as fault:
        raise OutputError("QP301", f"The rejected rows cannot be written ({fault.strerror}).") from fault


@contextmanager
def _all_or_none(folder: Path) -> Iterator[list[Path]]:
    """Makes the folder; gathers the files made in it, which are removed when not all can be."""
    made: list[Path] = []
    is_new = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def remove() -> None:
        for path in made:
            path.unlink(missing_ok=True)
        if is_new:
            with suppress(OSError):
                folder.rmdir()

    try:
        with cleared_on_stop(remove):
            yield made
    except BaseException:
        remove()
        raise


@dataclass(frozen=True, slots=True)
class _Place:
    """Where what is rejected of a file goes; `made` are all files made so far."""

    folder: Path
    plan: SourcePlan
    file: OpenFile
    made: list[Path]

    def private(self, kind: str) -> Path:
        """An empty file that only its owner can read."""
        path = self.folder / f"{self.plan.table.name}.{self.file.file.name.replace('/', '_')}.{kind}.csv"
        path.unlink(missing_ok=True)
        self.made.append(path)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        return path


def reject_files(folder: Path) -> list[Path]:
    """The files of rejected rows that a folder holds, told by name and header; OSError when it cannot be read."""
    endings = tuple(f".{kind}.csv" for kind in (_BROKEN_LINES, _REJECTS))
    named = sorted(path for path in folder.iterdir() if path.name.endswith(endings))
    return [path for path in named if path.is_file() and not path.is_symlink() and _is_headed(path)]


def _is_headed(path: Path) -> bool:
    with path.open("rb") as stream:
        first = stream.read(len(_ROW_NAME) + 1)
    return first in (b"", f"{_ROW_NAME},".encode())


def _write_file(place: _Place, source: Source, frame: pl.LazyFrame, repeated: Sequence[FileRejects]) -> None:
    file = place.file
    if file.bad_line_count:
        _write_lines(place.private(_BROKEN_LINES), file)
    bad = frame.filter(pl.col(IS_BAD)).select(pl.col(ROW).cast(pl.Int64), _rules(place.plan))
    again = [count for found in repeated if found.file == file.file for count in found.counts]
    rows = _by_record(pl.concat([bad.collect(engine="streaming"), *map(_numbered, again)]))
    if rows.height:
        _write_rows(place.private(_REJECTS), source, rows)


def _by_record(bad: pl.DataFrame) -> pl.DataFrame:
    """One row per record: several rows may come of one, and each is written with all of its record."""
    rules = pl.col(_RULES_NAME).str.split(";").explode().unique(maintain_order=True).str.join(";")
    return bad.group_by(ROW, maintain_order=True).agg(rules)


def _numbered(count: RejectCount) -> pl.DataFrame:
    return pl.DataFrame({ROW: count.rows, _RULES_NAME: count.rule}, schema={ROW: pl.Int64, _RULES_NAME: pl.String})


def _rules(plan: SourcePlan) -> pl.Expr:
    broken = [pl.when(pl.col(BROKEN + rule.name)).then(pl.lit(rule.name)) for rule in plan.rules]
    return pl.concat_str(broken, separator=";", ignore_nulls=True).alias(_RULES_NAME)


def _write_rows(path: Path, source: Source, bad: pl.DataFrame) -> None:
    as_text = [pl.col(name).cast(pl.String) for name, dtype in source.schema.items() if not dtype.is_nested()]
    numbered = source.scan(with_rows=True).with_columns(pl.col(ROW).cast(pl.Int64))
    rows = numbered.join(bad.lazy(), on=ROW).sort(ROW)
    rows.select(pl.col(ROW).alias(_ROW_NAME), _RULES_NAME, *as_text).collect(engine="streaming").write_csv(path)


def _write_lines(path: Path, file: OpenFile) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow((_ROW_NAME, "line"))
        writer.writerows((line.number, line.text) for line in file.bad_lines())
