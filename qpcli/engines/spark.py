"""Tallies shards inside Apache Spark, which only carries: each task opens and tallies one shard as the local engine.

A task is a row with the packed shard; its answer is the tally in bytes. An Arrow function does it, and not
`mapInArrow`: that would need pandas for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

from qpcli.engines.shard import Shard, TalliedShard, Tally, summed
from qpcli.engines.spark_session import refuse_absent, spark
from qpcli.engines.task import Answer, Job, answer, job, packed_shard, tallied_shard
from qpcli.errors import ResourceError
from qpcli.regulation.law import Law
from qpcli.rules.lists import Lists

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["refuse_absent", "tally"]

_NUMBER, _SHARD, _TALLY = "number", "shard", "tally"
_ANSWER_TYPE, _ARROW_TYPE = "map<string, binary>", pa.map_(pa.string(), pa.binary())

Answering: TypeAlias = Callable[[Iterator[pa.Array]], Iterator[pa.Array]]


def tally(
    shards: Iterable[Shard], lists: Lists, law: Law, keep: Callable[[TalliedShard], None] | None, *, master: str | None
) -> Tally:
    """The tally of all shards, whose claim lines every worker must be able to read where they lie.

    Each tallied shard is shown to `keep`; only for it do cells travel. `master` as in `spark_session.spark`.
    Raises what a worker met, QP110 where Spark is not installed, ResourceError QP402 where it fails.
    """
    contents = [packed_shard(shard) for shard in shards]
    with spark(master) as session, _failures_named():
        answers = _collected(session, contents, job(lists, law, returns_cells=keep is not None))
    return summed(map(tallied_shard, answers), keep)


def _collected(session: SparkSession, contents: list[bytes], asked: Job) -> list[Answer]:
    """The answers in the order of the shards."""
    from pyspark.sql.functions import arrow_udf

    rows = pa.table({_NUMBER: pa.array(range(len(contents)), pa.int32()), _SHARD: pa.array(contents, pa.binary())})
    answered = arrow_udf(answering(asked), _ANSWER_TYPE)(_SHARD)
    # Round-robin repartitioning would give two shards to one task and none to another.
    tasks = session.createDataFrame(rows).repartitionById(len(contents), _NUMBER)
    found = tasks.select(_NUMBER, answered.alias(_TALLY)).collect()
    return [row[_TALLY] for row in sorted(found, key=lambda row: row[_NUMBER])]


def answering(asked: Job) -> Answering:
    """The function that Spark calls with columns of packed shards; its hints tell Spark how to call it."""

    def answers(columns: Iterator[pa.Array]) -> Iterator[pa.Array]:
        for column in columns:
            yield pa.array([list(answer(content.as_py(), asked).items()) for content in column], _ARROW_TYPE)

    return answers


@contextmanager
def _failures_named() -> Iterator[None]:
    """What Spark says of a failure is long and in Java; a worker's own failure has come back as an answer."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, OSError) as fault:
        if "ModuleNotFoundError" in str(fault):
            message = "Spark's workers do not have qpcli or something it needs."
            raise ResourceError("QP402", message, "Give every worker what the driver has; see the README.") from fault
        raise ResourceError("QP402", "Apache Spark failed, or lost a worker.") from fault
