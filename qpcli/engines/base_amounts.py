"""Base amounts of QPs by TIN: the lines of the base period made into cells by the rules of every other line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from qpcli.engines.line_cells import PartedLines, make_cells
from qpcli.regulation.law import Law
from qpcli.rules import covered_services, numbering
from qpcli.rules.claim_lines import LineContext, lines_in_period
from qpcli.rules.entity_sets import EntitySets
from qpcli.rules.groups import Groups
from qpcli.rules.lists import Lists
from qpcli.rules.numbering import KEY, People

NOBODY = pl.DataFrame(schema={"apm_entity_id": pl.String})
ANYBODY = People(pl.DataFrame({"bene_id": [""], "bene_key": [0]}), pl.lit(0, KEY))
"""Base amounts are not told apart by beneficiary: everybody has one key."""
_NO_GROUPS = Groups(NOBODY.lazy(), NOBODY.lazy(), NOBODY.lazy(), EntitySets(NOBODY.lazy(), NOBODY.lazy()), key_bound=1)


@dataclass(frozen=True, slots=True)
class BaseAmounts:
    """`frame`: one row per QP and TIN (null: of no TIN, or of none of the right form) with `base_cents`.

    `counts`: copies, orphan_cancellations and net_counts_above_one among the lines of QPs.
    """

    frame: pl.DataFrame
    counts: Mapping[str, int]


def base_amounts(shards: Iterable[PartedLines], qps: pl.DataFrame, law: Law) -> BaseAmounts:
    """Sum covered professional services over shards of disjoint beneficiaries; `law` is that of the base period."""
    parts, counts = [], Counter[str]()
    for lines in shards:
        frame, counted = _of_shard(lines, qps, law)
        parts.append(frame)
        counts.update(counted)
    whole = pl.concat([pl.DataFrame(schema=_SCHEMA), *parts])
    return BaseAmounts(whole.group_by("npi", "tin").agg(pl.col("base_cents").sum()), counts)


_SCHEMA = {"npi": pl.String, "tin": pl.String, "base_cents": pl.Int64}


def _of_shard(lines: PartedLines, qps: pl.DataFrame, law: Law) -> tuple[pl.DataFrame, dict[str, int]]:
    numbered = _numbering(lines, qps, law)
    lists = Lists(
        numbering=numbered,
        entities=NOBODY,
        entries=NOBODY,
        attributed_entities=NOBODY,
        listings=NOBODY,
        groups=_NO_GROUPS,
        codes=covered_services.service_codes(law, ()),
        window_days=(),
        names=NOBODY,
        pairs=pl.Series(dtype=pl.UInt64),
    )
    made = make_cells(lines, LineContext(law, lists, ANYBODY, episodic_people=pl.Series("bene_key", [], KEY)))
    in_time = pl.col("seen_snapshot") <= law.snapshots[-1].number
    covered = made.cells.filter(in_time & ((pl.col("cps_count") != 0) | (pl.col("cps_cents") != 0)))
    sums = covered.group_by("clinician_key", "tin_key").agg(base_cents=pl.col("cps_cents").sum())
    named = sums.join(numbered.clinicians, on="clinician_key").join(numbered.tins, on="tin_key", how="left")
    notes = made.notes
    counts = {
        "copies": notes.copies,
        "orphan_cancellations": notes.orphan_cancellations,
        "net_counts_above_one": notes.net_counts_above_one,
    }
    return named.select(pl.col(name).cast(dtype) for name, dtype in _SCHEMA.items()), counts


def _numbering(lines: PartedLines, qps: pl.DataFrame, law: Law) -> numbering.Numbering:
    """Every TIN under which a QP bills stands where a list would name it: all count (414.1450(b)(2))."""
    assert isinstance(lines.others, pl.LazyFrame)
    everything = pl.concat([part.select("npi", "tin", "service_date") for part in (lines.others, lines.versions)])
    billed = lines_in_period(everything, law).join(qps.lazy(), on="npi", how="semi").select("npi", "tin").unique()
    found = billed.collect(engine="streaming").with_columns(apm_entity_id=pl.lit(None, pl.String))
    return numbering.numbering(participants=found, entities=NOBODY, attributed_entities=NOBODY)
