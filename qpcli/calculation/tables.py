"""What a calculation begins with: canonical tables as they were read, the claims in shards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from qpcli.rules.claim_lines import CodedLines


@dataclass(frozen=True, slots=True)
class ClaimsShard:
    """Claim lines of some beneficiaries and of no others, lazily, with their coverage and attribution.

    `coded`: the lines in numbers, where a prepared store has them; then the lines hold each version
    once, and `has_versions` marks those that have several.
    """

    claim_lines: pl.LazyFrame
    beneficiaries: pl.DataFrame
    attribution: pl.DataFrame
    coded: CodedLines | None = None


@dataclass(frozen=True, slots=True)
class CanonicalTables:
    """What was read: the shards, good rows only, and the lists as frames.

    `entities` is None when no entities file was given. `attributed_entities`: one row per APM Entity with
    attribution in some shard. `other_payer` is None when no payer was submitted.
    """

    shards: tuple[ClaimsShard, ...]
    participants: pl.DataFrame
    entities: pl.DataFrame | None
    attributed_entities: pl.DataFrame
    other_payer: pl.DataFrame | None = None


def of_shards(tables: CanonicalTables, shards: Iterable[ClaimsShard]) -> CanonicalTables:
    """The same run over some of its shards."""
    return replace(tables, shards=tuple(shards))
