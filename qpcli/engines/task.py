"""What a worker in another process does: open one shard, tally it as here, and answer in bytes.

A worker never raises: what Spark writes into its logs would quote the error, and so might quote a cell.
"""

from __future__ import annotations

import os
import pickle
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

import polars as pl

from qpcli import __version__
from qpcli.engines.packing import packed, packed_frame, unpacked, unpacked_frame
from qpcli.engines.shard import Shard, TalliedShard, tally_shard
from qpcli.errors import InternalError, QpcliError, ResourceError
from qpcli.inputs.faults import reading
from qpcli.regulation.law import Law
from qpcli.rules.lists import Lists

_FAILURE = "failure"
_KEPT = ("cells", "people", "eligibility", "attribution", "service_days")

Answer: TypeAlias = dict[str, bytes]
"""The frames of a tally by name, and the cells with their people when they are asked for; or a failure alone."""


def versions() -> str:
    """What must be alike everywhere, for shards travel as Polars and Python write them."""
    python = ".".join(platform.python_version_tuple()[:2])
    return f"qpcli {__version__}, Polars {pl.__version__}, Python {python}"


@dataclass(frozen=True, slots=True)
class Job:
    """What all tasks share. `common`: the lists and the law, packed; `versions`: those of whoever asks."""

    common: bytes
    versions: str
    returns_cells: bool


def job(lists: Lists, law: Law, *, returns_cells: bool) -> Job:
    """The job of tallying by these lists and this law; names of clinicians stay here, and what only results ask."""
    unasked = {name: getattr(lists, name).clear() for name in ("names", "entries", "listings")}
    asked = replace(lists, **unasked)
    return Job(pickle.dumps((asked, law)), versions(), returns_cells)


def packed_shard(shard: Shard) -> bytes:
    """A shard as bytes: its claim lines as the plan to read them, which holds their path."""
    return pickle.dumps(shard)


def answer(content: bytes, asked: Job) -> Answer:
    """Tally one packed shard; whatever happens comes back as an answer."""
    try:
        _refuse_other_versions(asked)
        with _silenced(), reading("claims"):
            lists, law = _unpacked(asked.common)
            tallied = tally_shard(pickle.loads(content), lists, law, keeps=asked.returns_cells)
            return _packed(tallied, asked)
    except QpcliError as error:
        return _failed(_not_found() if isinstance(error.__cause__, FileNotFoundError) else error)
    except Exception as fault:
        kind = type(fault).__name__
        return _failed(InternalError("QP501", f"A worker failed in a way it does not know ({kind})."))


@lru_cache(maxsize=1)
def _unpacked(common: bytes) -> tuple[Lists, Law]:
    """What all shards of a run share, unpacked once."""
    lists, law = pickle.loads(common)
    return lists, law


def _refuse_other_versions(asked: Job) -> None:
    if asked.versions != versions():
        message = f"A worker has {versions()}; the driver has {asked.versions}."
        raise ResourceError("QP402", message, "Give every worker what the driver has; see the README.")


def _not_found() -> ResourceError:
    message = "A worker does not find the claims where the driver does."
    return ResourceError("QP402", message, "Keep the store where every worker has it under the same path.")


def _packed(tallied: TalliedShard, asked: Job) -> Answer:
    kept = {name: packed_frame(getattr(tallied, name)) for name in _KEPT} if asked.returns_cells else {}
    return packed(tallied.tally) | kept


def _failed(error: QpcliError) -> Answer:
    return {_FAILURE: pickle.dumps((type(error), (error.code, error.message, error.help)))}


def has_failed(found: Answer) -> bool:
    """Whether the answer is a failure."""
    return _FAILURE in found


def tallied_shard(found: Answer) -> TalliedShard:
    """The tally of an answer, without rows of cells when they were not asked for; raises what the worker met."""
    if has_failed(found):
        kind, words = pickle.loads(found[_FAILURE])
        raise kind(*words)
    kept = {name: unpacked_frame(found[name]) if name in found else pl.DataFrame() for name in _KEPT}
    return TalliedShard(unpacked(found), **kept)


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep native libraries off stderr, which Spark copies into its logs: a panic quotes what it failed on."""
    ours, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(ours, 2)
        os.close(ours)
        os.close(nowhere)
