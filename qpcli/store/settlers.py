"""Processes that settle the shards of a large store: one for each core, as far as they fit into memory."""

from __future__ import annotations

from contextlib import AbstractContextManager

import polars as pl

from qpcli.memory import available_bytes, settlers_for
from qpcli.parallel.pool import Workers, workers
from qpcli.store import shard_files

_LEAST_LINES = 1_000_000
"""Fewer claim lines are settled before another process has loaded what it needs."""


def settlers(line_count: int, shard_count: int) -> AbstractContextManager[Workers]:
    """The processes; none where they do not pay, and shards are settled by threads of this one."""
    return workers(_count(line_count, shard_count), shard_files.__name__)


def _count(line_count: int, shard_count: int) -> int:
    if line_count < _LEAST_LINES:
        return 0
    fitting = settlers_for(line_count // shard_count, available_bytes())
    count = min(pl.thread_pool_size(), shard_count, fitting)
    return count if count > 1 else 0
