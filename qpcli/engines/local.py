"""Tallies shards on this machine, two at a time: while one waits for its slowest step, the other uses the cores."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial

from qpcli.engines.shard import Shard, TalliedShard, Tally, summed, tally_shard
from qpcli.parallel.in_order import in_order
from qpcli.regulation.law import Law
from qpcli.rules.lists import Lists

_AT_ONCE = 2
"""Shards in memory together; Polars spreads the work of each over the cores, but not all of it."""


def tally(shards: Iterable[Shard], lists: Lists, law: Law, keep: Callable[[TalliedShard], None] | None) -> Tally:
    """The tally of all shards; each tallied shard is shown to `keep`, if given, before it is forgotten."""
    # When something fails, the threads end here and now, and not when garbage is collected.
    tallying = partial(tally_shard, lists=lists, law=law, keeps=keep is not None)
    with closing(in_order(shards, tallying, at_once=_AT_ONCE)) as tallied_shards:
        return summed(tallied_shards, keep)
