"""What carries the tally of a run: this process, processes of its own for a large store, or Apache Spark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import polars as pl

from qpcli.calculation import Engine as Tallying
from qpcli.engines import local, spark, workers
from qpcli.memory import available_bytes, workers_for
from qpcli.request import Engine, RunRequest
from qpcli.store.record import StoreRecord, read_record

_LEAST_LINES = 10_000_000
"""Fewer claim lines are tallied before another process has loaded what it needs."""


@contextmanager
def engine(request: RunRequest) -> Iterator[Tallying]:
    """The engine of a run while the context lasts; raises QP110 where what it needs is not installed."""
    if request.engine.engine is Engine.SPARK:
        spark.refuse_absent()
        yield partial(spark.tally, master=request.engine.spark_master)
        return
    count = _worker_count(request)
    if count < 2:
        yield local.tally
        return
    with workers.workers(count) as processes:
        yield partial(workers.tally, among=processes) if processes.processes else local.tally


def _worker_count(request: RunRequest) -> int:
    """How many processes pay: as many as there are cores, if they fit into memory and the store is large."""
    record = _record(request)
    if record is None or record.row_count < _LEAST_LINES or request.tallies:
        return 0
    memory = request.resources.memory_bytes or available_bytes()
    fitting = workers_for(record.row_count // record.shard_count, memory)
    return min(pl.thread_pool_size(), record.shard_count, fitting)


def _record(request: RunRequest) -> StoreRecord | None:
    """The record of the prepared store that the claims are; whether it can be used is for others to say."""
    claims = request.inputs.claims
    return read_record(Path(claims[0])) if len(claims) == 1 else None
