"""Tallies shards on this machine, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from qpcli.engines.shard import Shard, TalliedShard, Tally, added, tally_shard
from qpcli.regulation.law import Law
from qpcli.rules.lists import Lists


def tally(shards: Iterable[Shard], lists: Lists, law: Law, keep: Callable[[TalliedShard], None] | None) -> Tally:
    """The tally of all shards; each tallied shard is shown to `keep`, if given, before it is forgotten."""
    parts = []
    for shard in shards:
        tallied = tally_shard(shard, lists, law)
        if keep is not None:
            keep(tallied)
        parts.append(tallied.tally)
    return added(parts)
