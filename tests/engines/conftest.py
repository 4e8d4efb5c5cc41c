"""What an engine is given: the shards of a small store, the lists and the law of its run."""

from __future__ import annotations

import pytest

from qpcli import calculation
from qpcli.calculation import CanonicalTables
from qpcli.conversion import convert
from qpcli.engines.shard import Shard, Tally
from qpcli.loading import Loaded, load
from qpcli.regulation.law import Law
from qpcli.request import ConversionRequest, InputPaths, LawOptions, RunRequest
from qpcli.rules.lists import Lists
from qpcli.sample import SamplePlan, write_sample
from qpcli.watch import SilentWatcher

YEAR = 2025
Asked = tuple[list[Shard], Lists, Law]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """The shards of a small store, the lists and the law of its run, as an engine is given them."""
    folder = tmp_path_factory.mktemp("task") / "sample"
    write_sample(SamplePlan(performance_year=YEAR, beneficiaries=80, format="csv"), folder)
    store, claims = folder / "store", (str(folder / "claim_lines"),)
    convert(ConversionRequest(claims, store, LawOptions(0), shard_count=2), SilentWatcher())
    names = ("beneficiaries", "participants", "attribution", "entities")
    people, participants, attribution, entities = ((str(folder / f"{name}.csv"),) for name in names)
    inputs = InputPaths((str(store),), people, participants, attribution, entities)
    loaded = load(RunRequest(inputs, LawOptions(YEAR)), SilentWatcher())
    return _as_given(loaded)


def _as_given(loaded: Loaded) -> Asked:
    given: list[Asked] = []

    def engine(shards: object, lists: Lists, law: Law, _keep: object) -> Tally:
        given.append((list(shards), lists, law))  # type: ignore[call-overload]
        return None  # type: ignore[return-value]

    with loaded.claims(SilentWatcher()) as claims:
        tables: CanonicalTables = loaded.tables(claims)
        calculation.tally(tables, calculation.lists(tables, loaded.law), loaded.law, engine=engine)
    return given[0]
