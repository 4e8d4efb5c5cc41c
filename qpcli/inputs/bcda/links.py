"""Which ids are one person: every Patient reference and every MBI it has had -> its current MBI."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.inputs.bcda.people import IDENTIFIERS
from qpcli.inputs.canonical import TableRead

_CURRENT = "current_bene_id"


def links_of(identifiers: TableRead) -> TableRead:
    """One row per Patient and each of its ids: bene_id, current_bene_id, delivery (of the Patient's newest resource).

    The current MBI stands for itself too: a later export may say so of one that an earlier export called old.
    """
    found = identifiers.frame.filter(pl.col("mbi").is_not_null())
    known = found.drop("delivery").join(_current(found), on="bene_id")
    links = [known.select(pl.col(name).alias("bene_id"), _CURRENT, "delivery") for name in ("bene_id", "mbi")]
    findings = (*identifiers.findings, *_findings(identifiers.frame))
    return replace(identifiers, frame=pl.concat(links).unique().sort(pl.all()), findings=findings)


def _current(found: pl.DataFrame) -> pl.DataFrame:
    """One row per Patient: the MBI of its newest resource that is marked current, is open, or began last."""
    newest = found.filter(pl.col("delivery") == pl.col("delivery").max().over("bene_id"))
    ranked = newest.with_columns(
        is_current=(pl.col("currency") == "current").fill_null(False),
        is_not_historic=(pl.col("currency") != "historic").fill_null(True),
        is_open=pl.col("end_date").is_null(),
    )
    order = ["bene_id", "is_current", "is_not_historic", "is_open", "start_date", "end_date", "mbi"]
    last = ranked.sort(order, nulls_last=False).unique("bene_id", keep="last", maintain_order=True)
    return last.select("bene_id", pl.col("mbi").alias(_CURRENT), "delivery")


def _findings(identifiers: pl.DataFrame) -> Iterator[Finding]:
    has_none = identifiers.group_by("bene_id").agg(pl.col("mbi").is_null().all())
    if count := int(has_none["mbi"].sum()):
        words = "Patients without an MBI, known by their reference alone"
        yield finding("counted_for_record", table=IDENTIFIERS.name, rule=words, count=count)
