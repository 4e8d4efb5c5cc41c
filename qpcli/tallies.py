"""A run in pieces: one part of a store's shards tallied into a file, and the files of all parts added up.

A tally file holds sums by group and no beneficiary. It names the run it belongs to, so that parts of other inputs,
another law or other options are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from qpcli import __version__, calculation
from qpcli.engines.packing import packed, unpacked
from qpcli.engines.shard import Tally, added
from qpcli.errors import InputError, UsageError
from qpcli.inputs.archives import find_files
from qpcli.inputs.faults import reading
from qpcli.inputs.files import check_unchanged
from qpcli.loading import Loaded, load
from qpcli.reports import publishing
from qpcli.reports.encryption import Encryption, is_encrypted, polars_reading, polars_writing
from qpcli.request import Part, RunRequest
from qpcli.watch import Watcher

SCHEMA = "qpcli.tally/1"


@dataclass(frozen=True, slots=True)
class TallyOutcome:
    """The part that was tallied, of how many shards, and the run it belongs to."""

    part: Part
    shard_count: int
    tally_id: str


def tally(request: RunRequest, part: Part, file: Path, watcher: Watcher) -> TallyOutcome:
    """Tally one part of a prepared store and write it to a new file; raises as `run.determine`.

    Raises UsageError QP104 for claims that are no prepared store, QP101 for more parts than shards.
    """
    loaded = load(request, watcher)
    publishing.check_file(file, loaded.paths)
    with loaded.claims(watcher) as claims:
        shards = _shards_of(part, claims.shards, loaded)
        tables = loaded.tables(claims)
        with watcher.step("Scanning claims"), reading("claims"):
            listed = calculation.lists(tables, loaded.law)
            tallied = calculation.tally(calculation.of_shards(tables, shards), listed, loaded.law)
        check_unchanged(loaded.inputs.claims.files)
    with watcher.step("Writing the tally"):
        publishing.publish_file(file, partial(_write, tallied.tally, part, loaded))
    return TallyOutcome(part, len(shards), loaded.identity.tally_id)


def _shards_of(part: Part, shards: Sequence[calculation.ClaimsShard], loaded: Loaded) -> list[calculation.ClaimsShard]:
    if loaded.inputs.claims.folder is None:
        raise UsageError("QP104", "--shard needs claims in a prepared store.", "`qpcli convert` makes one.")
    if part.count > len(shards):
        raise UsageError("QP101", f"--shard: the store has {len(shards)} shards and no {part.count} parts.")
    return [shard for place, shard in enumerate(shards) if place % part.count == part.number - 1]


def _write(tallied: Tally, part: Part, loaded: Loaded, path: Path) -> int:
    content = packed(tallied)
    rows = pl.DataFrame({"name": list(content), "content": list(content.values())}).with_columns(
        schema=pl.lit(SCHEMA),
        qpcli=pl.lit(__version__),
        tally_id=pl.lit(loaded.identity.tally_id),
        part=pl.lit(part.number),
        part_count=pl.lit(part.count),
    )
    rows.write_parquet(path, compression="uncompressed", **polars_writing(loaded.encryption))
    return rows.height


@dataclass(frozen=True, slots=True)
class _TallyFile:
    name: str
    tally_id: str
    part: Part
    tally: Tally


def read_tallies(paths: Sequence[str], tally_id: str, encryption: Encryption | None = None) -> Tally:
    """The tally of the whole run out of the files of its parts.

    Raises InputError QP202 for a file that is none, QP222 for one that the key does not open, QP218 for parts of
    another run or that are missing or double.
    """
    files = [_read(path, encryption) for path in sorted({file.path for file in find_files(paths)})]
    _check(files, tally_id)
    return added([file.tally for file in files])


def _read(path: Path, encryption: Encryption | None) -> _TallyFile:
    with reading(path.name):
        rows = _rows(path, encryption)
        if "schema" not in rows.columns or rows["schema"].unique().to_list() != [SCHEMA]:
            raise InputError("QP202", f"{path.name} is no tally of this version.")
        content = dict(rows.select("name", "content").iter_rows())
        part = Part(rows["part"][0], rows["part_count"][0])
        return _TallyFile(path.name, rows["tally_id"][0], part, unpacked(content))


def _rows(path: Path, encryption: Encryption | None) -> pl.DataFrame:
    """All rows of a tally; there is no record beside it that tells its key."""
    if not is_encrypted(path):
        return pl.read_parquet(path)
    if encryption is None:
        raise InputError("QP222", f"{path.name} is encrypted, and no key is given.", "Give --encrypt-key-file FILE.")
    try:
        return pl.read_parquet(path, **polars_reading(encryption))
    except pl.exceptions.ComputeError:
        raise InputError("QP222", f"{path.name} is encrypted with another key, or damaged.") from None


def _check(files: Iterable[_TallyFile], tally_id: str) -> None:
    """All parts of this run, each once."""
    found = list(files)
    foreign = next((file for file in found if file.tally_id != tally_id), None)
    if foreign is not None:
        raise InputError("QP218", f"{foreign.name} belongs to another run: other inputs, another law or other options.")
    counts = {file.part.count for file in found}
    numbers = sorted(file.part.number for file in found)
    if len(counts) != 1 or numbers != list(range(1, counts.pop() + 1)):
        parts = ", ".join(f"{file.part.number}/{file.part.count}" for file in found)
        raise InputError("QP218", f"The tallies are not every part once: {parts}.")
