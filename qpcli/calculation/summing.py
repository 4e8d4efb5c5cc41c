"""One scan of the claims, shard by shard, summed over the beneficiaries by whatever engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from qpcli.calculation.tables import CanonicalTables, ClaimsShard
from qpcli.engines import local
from qpcli.engines.line_cells import parted_as_prepared, parted_by_hash
from qpcli.engines.shard import Shard, TalliedShard, Tally
from qpcli.regulation.law import Law
from qpcli.rules.lists import Lists

Engine: TypeAlias = Callable[[Iterable[Shard], Lists, Law, Callable[[TalliedShard], None] | None], Tally]
"""Tallies shards; each tallied shard is shown to the last argument, where there is one."""


@dataclass(frozen=True, slots=True)
class Tallied:
    """The lists with keys, and the sums over all beneficiaries."""

    lists: Lists
    tally: Tally


def tally(
    tables: CanonicalTables,
    listed: Lists,
    law: Law,
    keep: Callable[[TalliedShard], None] | None = None,
    engine: Engine = local.tally,
) -> Tallied:
    """Scan the claims once, shard by shard, and sum over the beneficiaries; each tallied shard is shown to `keep`."""
    return Tallied(listed, engine(_shards(tables.shards), listed, law, keep))


def _shards(shards: Iterable[ClaimsShard]) -> Iterable[Shard]:
    for shard in shards:
        lines, coded = shard.claim_lines, shard.coded
        parted = parted_by_hash(lines) if coded is None else parted_as_prepared(lines, coded)
        yield Shard(parted, shard.beneficiaries, shard.attribution)
