"""What a worker answers, tried without Spark: the same tally, and failures without a value."""

from __future__ import annotations

import pickle
from dataclasses import fields, replace
from pathlib import Path

import pyarrow as pa
import pytest

from qpcli.engines import local
from qpcli.engines.shard import Tally
from qpcli.engines.spark import answering
from qpcli.engines.task import Job, answer, job, packed_shard, tallied_shard
from qpcli.errors import InternalError, QpcliError, ResourceError
from tests.engines.conftest import Asked


def test_a_worker_tallies_as_the_local_engine(asked: Asked) -> None:
    shards, lists, law = asked
    common = job(lists, law, returns_cells=True)
    for shard in shards:
        expected = local.tally([shard], lists, law, None)
        found = tallied_shard(answer(packed_shard(shard), common))
        for field in fields(Tally):
            ours, theirs = getattr(expected, field.name), getattr(found.tally, field.name)
            assert ours.sort(ours.columns).equals(theirs.sort(ours.columns)), field.name
        assert found.cells.height > 0
        assert found.people.height > 0


def test_cells_stay_with_the_worker_unless_they_are_asked_for(asked: Asked) -> None:
    shards, lists, law = asked
    found = answer(packed_shard(shards[0]), job(lists, law, returns_cells=False))
    assert set(found) == {field.name for field in fields(Tally)}


def test_a_column_of_shards_has_one_answer_each(asked: Asked) -> None:
    shards, lists, law = asked
    column = pa.array([packed_shard(shard) for shard in shards], pa.binary())
    (answers,) = answering(job(lists, law, returns_cells=False))(iter([column]))
    assert len(answers) == len(shards)


def test_claim_lines_are_found_from_any_folder(asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shards, lists, law = asked
    content = packed_shard(shards[0])
    monkeypatch.chdir(tmp_path)
    assert tallied_shard(answer(content, job(lists, law, returns_cells=False))).tally.counts.height == 1


def _failure(content: bytes, common: Job) -> QpcliError:
    with pytest.raises(QpcliError) as caught:
        tallied_shard(answer(content, common))
    return caught.value


def test_a_worker_of_another_version_is_refused_before_it_unpacks_anything() -> None:
    failure = _failure(b"not unpacked", Job(b"not unpacked", "qpcli 0.0", returns_cells=False))
    assert (type(failure), failure.code) == (ResourceError, "QP402")
    assert "the driver has qpcli 0.0" in failure.message


def test_claims_that_a_worker_does_not_have_are_named_as_that(asked: Asked) -> None:
    shards, lists, law = asked
    elsewhere = packed_shard(shards[0]).replace(b"claim_lines/shard-", b"claim_lines/SHARD-")
    failure = _failure(elsewhere, job(lists, law, returns_cells=False))
    assert (type(failure), failure.code) == (ResourceError, "QP402")
    assert "does not find the claims" in failure.message


class _Quoting:
    """Unpacking it fails with words that quote a value."""

    def __reduce__(self) -> tuple[object, ...]:
        return (_fail, ())


def _fail() -> None:
    raise KeyError("1EG4TE5MK73")


def test_a_failure_that_nobody_knows_keeps_its_words_to_itself(asked: Asked) -> None:
    _shards, lists, law = asked
    failure = _failure(pickle.dumps(_Quoting()), job(lists, law, returns_cells=False))
    assert (type(failure), failure.code) == (InternalError, "QP501")
    assert "KeyError" in failure.message
    assert "1EG4" not in failure.message + failure.help


def test_a_job_is_of_this_version(asked: Asked) -> None:
    _shards, lists, law = asked
    here = job(lists, law, returns_cells=False)
    assert replace(here, versions="another") != here
