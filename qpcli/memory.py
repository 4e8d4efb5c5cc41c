"""How much memory a run may take, and in how many shards claims then are to be tallied."""

from __future__ import annotations

import re
import resource
import sys
from collections.abc import Iterable
from math import ceil
from pathlib import Path

from qpcli.errors import UsageError
from qpcli.inputs.files import FileForm, InputFile

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)I?B?", re.IGNORECASE)
_CGROUP_LIMIT, _MEMORY_FACTS = Path("/sys/fs/cgroup/memory.max"), Path("/proc/meminfo")
_FIXED_BYTES = 700 << 20
"""What a run takes whatever the size of its claims: the process, lists, the tally of one shard."""
_BYTES_PER_LINE = 45
"""What each canonical line adds when all claims are one shard (50 million lines: 2.1 GB), with something to spare."""
_RESERVED_BYTES = 3 << 30
"""Address space that libraries and their threads reserve and hardly use."""
_BYTES_PER_TEXT_LINE, _BYTES_PER_PARQUET_LINE = 110, 9
"""Size on disk of a line, to guess from a file how many it holds; packed text has a tenth."""
_PACKED = 10
LINES_PER_SHARD = 3_000_000
_WORKER_BYTES, _BYTES_PER_LINE_OF_WORKER = 200 << 20, 100
"""What a process that tallies shards takes: for itself, and for each line of a shard (3.1 million lines: 0.48 GB)."""
_BYTES_PER_LINE_OF_SETTLER = 500
"""What a process that settles shards takes for each line of one (2.5 million lines: 1.2 GB)."""
_SETTLERS_BYTES = 1_300 << 20
"""What processes that settle shards take together where they are more than two: 4 GB of CCLF5 take less than 2 GB."""


def bytes_of(size: str) -> int:
    """Bytes of a size such as 4G or 512MB; UsageError QP101 for anything else."""
    match = _SIZE.fullmatch(size.strip())
    if match is None or not float(match[1]):
        raise UsageError("QP101", "--memory is not a size.", "Sizes look like 4G or 512M.")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def available_bytes() -> int | None:
    """Memory that the system or its container leaves to this process; None where it does not say."""
    limits = [found for found in (_container_limit(), _free_bytes(), _address_space()) if found is not None]
    return min(limits, default=None)


def _container_limit() -> int | None:
    try:
        text = _CGROUP_LIMIT.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None


def _address_space() -> int | None:
    """What a limit on address space (`ulimit -v`) leaves beside what is only reserved."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if limit == resource.RLIM_INFINITY else max(limit - _RESERVED_BYTES, 0)


def _free_bytes() -> int | None:
    try:
        facts = _MEMORY_FACTS.read_text()
    except OSError:
        return None
    found = re.search(r"^MemAvailable:\s+(\d+) kB", facts, re.MULTILINE)
    return int(found[1]) << 10 if found else None


def guessed_lines(files: Iterable[InputFile]) -> int:
    """How many claim lines files hold, by their size on disk."""
    return sum(_guess(file) for file in files)


def _guess(file: InputFile) -> int:
    if file.form is FileForm.PARQUET:
        return file.state.size // _BYTES_PER_PARQUET_LINE
    packed = 1 if file.is_plain else _PACKED
    return file.state.size * packed // _BYTES_PER_TEXT_LINE


def shards_for(line_count: int, memory: int | None) -> int | None:
    """In how many shards to tally so that they fit; None: all at once fits, or nobody knows how much there is."""
    if memory is None or _FIXED_BYTES + line_count * _BYTES_PER_LINE <= memory:
        return None
    return max(ceil(line_count / LINES_PER_SHARD), 2)


def workers_for(lines_per_shard: int, memory: int | None) -> int:
    """How many processes that tally shards of so many lines fit beside this one; many where nobody knows the memory."""
    return _fitting(lines_per_shard * _BYTES_PER_LINE_OF_WORKER, memory)


def settlers_for(lines_per_shard: int, memory: int | None) -> int:
    """As `workers_for`, of processes that settle shards: two, or as many as keep what they take together bounded."""
    bytes_of_shard = lines_per_shard * _BYTES_PER_LINE_OF_SETTLER
    bounded = _SETTLERS_BYTES // (_WORKER_BYTES + bytes_of_shard)
    return min(_fitting(bytes_of_shard, memory), max(bounded, 2))


def _fitting(bytes_of_shard: int, memory: int | None) -> int:
    return sys.maxsize if memory is None else max(memory - _FIXED_BYTES, 0) // (_WORKER_BYTES + bytes_of_shard)
