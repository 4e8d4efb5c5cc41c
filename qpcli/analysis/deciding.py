"""Which result decides a status: of the Medicare Option, or of all payers."""

from __future__ import annotations

from typing import Any

import polars as pl

from qpcli.analysis.all_payer import AllPayerResult, deciding_of_all_payers
from qpcli.analysis.results import Result
from qpcli.rules import determinations
from qpcli.terms import QpOption


def decision_of_entity(scores: pl.DataFrame, others: pl.DataFrame) -> dict[str, Any] | None:
    """What decides among the scores of one entity, by the rule for clinicians, named as in determinations."""
    medicare, all_payers = (
        determinations.results(rows.lazy().with_columns(entity_key=pl.lit(0), clinician_key=pl.lit(0)))
        for rows in (scores, others)
    )
    both = [
        medicare.with_columns(option=pl.lit(QpOption.MEDICARE.value)),
        determinations.improving(all_payers).with_columns(option=pl.lit(QpOption.ALL_PAYER.value)),
    ]
    first = pl.concat(both).sort(determinations.preference()).head(1).collect()
    names = {f"determined_by_{name}": name for name in ("option", "level", "basis", "method")}
    no_entity = pl.lit(None, pl.String)
    decided = first.select("determined_at_snapshot", "status", "score", determined_by_apm_entity_id=no_entity, **names)
    return None if decided.is_empty() else decided.row(0, named=True)


def deciding(
    found: tuple[Result, ...], others: tuple[AllPayerResult, ...], decision: dict[str, Any] | None
) -> tuple[Result | None, AllPayerResult | None]:
    """The result that a decision names: of the Medicare Option or of all payers, or neither."""
    if decision is None or decision["determined_by_level"] is None:
        return None, None
    if decision["determined_by_option"] == QpOption.ALL_PAYER.value:
        return None, deciding_of_all_payers(others, decision)
    by = [decision[f"determined_by_{name}"] for name in ("level", "apm_entity_id", "basis", "method")]
    return _same(found, decision["determined_at_snapshot"], *by), None


def _same(
    found: tuple[Result, ...], snapshot: int, level: str, entity: str | None, basis: str, method: str
) -> Result | None:
    asked = (snapshot, level, basis, method)
    for one in found:
        is_of_entity = entity is None or one.apm_entity_id == entity
        if is_of_entity and (one.snapshot, one.level.value, one.basis, one.method.value) == asked:
            return one
    return None
