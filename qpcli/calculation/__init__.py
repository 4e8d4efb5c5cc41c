"""From canonical tables to result tables: what was read (tables) is listed, summed and scored."""

from __future__ import annotations

from qpcli.calculation.listing import apm_entities, collected_groups, keyed_lists, lists, with_billing_npis
from qpcli.calculation.scoring import Results, results, scored_groups
from qpcli.calculation.summing import Engine, Tallied, tally
from qpcli.calculation.tables import CanonicalTables, ClaimsShard, of_shards

__all__ = [
    "CanonicalTables",
    "ClaimsShard",
    "Engine",
    "Results",
    "Tallied",
    "apm_entities",
    "collected_groups",
    "keyed_lists",
    "lists",
    "of_shards",
    "results",
    "scored_groups",
    "tally",
    "with_billing_npis",
]
