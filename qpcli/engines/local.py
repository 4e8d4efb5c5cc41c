"""Tallies shards on this machine, two at a time: while one waits for its slowest step, the other uses the cores."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

from qpcli.engines.shard import Shard, TalliedShard, Tally, added, tally_shard
from qpcli.regulation.law import Law
from qpcli.rules.lists import Lists

_AT_ONCE = 2
"""Shards in memory together; Polars spreads the work of each over the cores, but not all of it."""


def tally(shards: Iterable[Shard], lists: Lists, law: Law, keep: Callable[[TalliedShard], None] | None) -> Tally:
    """The tally of all shards; each tallied shard is shown to `keep`, if given, before it is forgotten."""
    parts = []
    # When something fails, the threads end here and now, and not when garbage is collected.
    with closing(_in_order(shards, lambda shard: tally_shard(shard, lists, law, keeps=keep is not None))) as in_order:
        for tallied in in_order:
            if keep is not None:
                keep(tallied)
            parts.append(tallied.tally)
    return added(parts)


def _in_order(
    shards: Iterable[Shard], tallying: Callable[[Shard], TalliedShard]
) -> Generator[TalliedShard, None, None]:
    """The shards tallied, in their order, never more begun than a few; when one fails, none is begun after it."""
    begun: deque[Future[TalliedShard]] = deque()
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for shard in shards:
            if len(begun) == _AT_ONCE:
                yield begun.popleft().result()
            begun.append(threads.submit(tallying, shard))
        while begun:
            yield begun.popleft().result()
