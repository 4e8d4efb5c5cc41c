"""The tables of a run with small cells left out: hidden rows keep their keys and statuses and lose every figure."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from qpcli.suppression import all_payers, scores, steps
from qpcli.tables.all_payer_scores import ALL_PAYER_SCORES
from qpcli.terms import Level, QpOption

_SCORE_FIGURES = tuple(
    f"{prefix}_{name}"
    for prefix in ("payment", "patient")
    for name in ("numerator", "denominator", "score", "gap_to_qp")
)
_STEP_FIGURES = tuple(
    f"{what}_{how}" for what in ("lines", "beneficiaries", "amount") for how in ("remaining", "removed")
)
_RESULT = ("snapshot", "level", "apm_entity_id", "npi", "basis")


def without_small_cells(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The same tables, rows and order, in the calculation's units; a figure that is hidden is null."""
    marked = scores.with_hidden(tables["threshold_scores"], tables["clinicians"])
    hidden = marked.filter("is_hidden").select(_RESULT)
    entity_rows = hidden.filter(pl.col("level") == Level.APM_ENTITY.value)
    hidden_entities = set(entity_rows.select("snapshot", "apm_entity_id", "basis").iter_rows())
    shared = {
        **tables,
        "threshold_scores": _blanked(marked, _SCORE_FIGURES),
        "determinations": _without_scores(
            tables["determinations"], hidden, "determined_by_", "determined_at_", ("score",)
        ),
        "clinicians": _clinicians(tables["clinicians"], hidden),
        "exclusions": _blanked(steps.with_hidden(tables["exclusions"], hidden_entities), _STEP_FIGURES),
    }
    return _with_all_payers(shared, entity_rows) if ALL_PAYER_SCORES.name in tables else shared


def _with_all_payers(shared: dict[str, pl.DataFrame], hidden_entities: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The same with hidden all-payer rows, and determinations by them without their score."""
    marked = all_payers.with_hidden(shared[ALL_PAYER_SCORES.name], hidden_entities)
    is_entity = pl.col("level") == Level.APM_ENTITY.value
    hidden = marked.filter(is_entity & pl.col("is_hidden")).select(pl.struct(all_payers.ENTITY_KEYS))
    key = pl.struct(
        snapshot="determined_at_snapshot", apm_entity_id="determined_by_apm_entity_id", basis="determined_by_basis"
    )
    is_part = pl.col("determined_by_level") != Level.APM_ENTITY.value
    is_of_all = pl.col("determined_by_option") == QpOption.ALL_PAYER.value
    is_hidden = is_of_all & (is_part | key.is_in(hidden.to_series().implode()))
    return {
        **shared,
        ALL_PAYER_SCORES.name: _blanked(marked, all_payers.FIGURES),
        "determinations": _blanked(shared["determinations"].with_columns(is_hidden=is_hidden), ("score",)),
    }


def _clinicians(clinicians: pl.DataFrame, hidden: pl.DataFrame) -> pl.DataFrame:
    for prefix in ("payment_", "patient_"):
        figures = (f"{prefix}score", f"{prefix}gap_to_qp")
        clinicians = _without_scores(clinicians, hidden, prefix, prefix, figures)
    return clinicians


def _without_scores(
    rows: pl.DataFrame, hidden: pl.DataFrame, prefix: str, snapshot_prefix: str, figures: tuple[str, ...]
) -> pl.DataFrame:
    """Rows that show a result without its figures where that result is hidden."""
    is_entity = pl.col(f"{prefix}level") == Level.APM_ENTITY.value
    key = pl.struct(
        snapshot=pl.col(f"{snapshot_prefix}snapshot"),
        level=f"{prefix}level",
        apm_entity_id=f"{prefix}apm_entity_id",
        npi=pl.when(~is_entity).then("npi"),
        basis=f"{prefix}basis",
    )
    keys = hidden.select(pl.struct(_RESULT)).to_series().implode()
    return _blanked(rows.with_columns(is_hidden=key.is_in(keys)), figures)


def _blanked(rows: pl.DataFrame, figures: tuple[str, ...]) -> pl.DataFrame:
    is_shown = ~pl.col("is_hidden").fill_null(False)
    return rows.with_columns(pl.when(is_shown).then(pl.col(name)).alias(name) for name in figures).drop("is_hidden")
