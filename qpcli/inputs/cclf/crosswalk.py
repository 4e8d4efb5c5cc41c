"""CCLF9: which MBI stands for which, over all deliveries (an MBI changes, claims keep the one they came with)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.inputs.canonical import TableRead
from qpcli.inputs.cclf.delivered import DELIVERY_COLUMN, delivery_column, read_rows
from qpcli.inputs.cclf.files import DeliveredSource
from qpcli.inputs.fields import Fields, code
from qpcli.inputs.plan import SourcePlan, make_plan
from qpcli.inputs.quality import LEFT_OUT_COUNT
from qpcli.request import ReadOptions
from qpcli.tables.schema import Column, Kind, Table

LINKS = Table(
    name="crosswalk",
    grain="One row per delivery and former MBI, as delivered.",
    columns=(
        DELIVERY_COLUMN,
        Column("bene_id", Kind.TEXT, "Former MBI.", is_required=True, may_be_blank=False),
        Column("current_bene_id", Kind.TEXT, "MBI that replaced it.", is_required=True, may_be_blank=False),
        Column("indicator", Kind.CHOICE, "m: MBI to MBI.", is_required=True, may_be_blank=False, choices=("m", "h")),
    ),
)
_FIELDS = {"bene_id": ("PRVS_NUM",), "current_bene_id": ("CRNT_NUM",), "indicator": ("HICN_MBI_XREF_IND",)}
_IS_HICN = "is_hicn"


def read_links(sources: Sequence[DeliveredSource], options: ReadOptions) -> TableRead:
    """Reads every CCLF9: delivery, bene_id, current_bene_id; rows of old HICNs are left out and counted.

    Raises QP202, QP203, QP204, QP208 or QP213.
    """
    read = read_rows(LINKS, [_plan(delivered) for delivered in sources], options, may_be_empty=True)
    table = replace(read.as_table(), frame=read.frame.drop("indicator"))
    if count := read.counts.get(LEFT_OUT_COUNT):
        left_out = finding("rows_left_out", table=LINKS.name, rule="HICN to MBI (indicator H of CCLF9)", count=count)
        table = replace(table, findings=(*table.findings, left_out))
    return table


def _plan(delivered: DeliveredSource) -> SourcePlan:
    fields = Fields(delivered.source)
    columns = [fields.column(LINKS.column(name), *names) for name, names in _FIELDS.items()]
    hicn = fields.code(_IS_HICN, *_FIELDS["indicator"])
    is_hicn = (code(_IS_HICN) == "H").fill_null(False)
    return make_plan(LINKS, delivered.source, (delivery_column(delivered.delivery), *columns, hicn), left_out=is_hicn)


def crosswalk(links: pl.DataFrame) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """One row per former id (`bene_id`) with the id that stands for it now (`current_bene_id`).

    Per former id the latest delivery counts, and a link that later deliveries lack stays. Ids that replace each
    other in a circle stay as they are; an id that leads into a circle takes the first one that it meets there.
    """
    next_id = dict(_latest(links).iter_rows())
    looping = _looping(next_id)
    pairs = [(former, _end_of_chain(former, next_id, looping)) for former in next_id if former not in looping]
    frame = pl.DataFrame(pairs, schema={"bene_id": pl.String, "current_bene_id": pl.String}, orient="row")
    return frame, tuple(_findings(links, len(looping)))


def _latest(links: pl.DataFrame) -> pl.DataFrame:
    """The link of each former id in its latest delivery; there, one to another id before one to itself."""
    is_other = pl.col("bene_id") != pl.col("current_bene_id")
    in_time = links.with_columns(is_other=is_other).sort("bene_id", "delivery", "is_other", "current_bene_id")
    latest = in_time.unique("bene_id", keep="last", maintain_order=True)
    return latest.filter("is_other").select("bene_id", "current_bene_id")


def _looping(next_id: Mapping[str, str]) -> set[str]:
    """The ids that stand in a circle."""
    settled: set[str] = set()
    looping: set[str] = set()
    for first in next_id:
        path: dict[str, int] = {}
        here = first
        while here in next_id and here not in settled and here not in path:
            path[here] = len(path)
            here = next_id[here]
        if here in path:
            looping.update(passed for passed, place in path.items() if place >= path[here])
        settled.update(path)
    return looping


def _end_of_chain(former: str, next_id: Mapping[str, str], looping: set[str]) -> str:
    here = former
    while here in next_id and here not in looping:
        here = next_id[here]
    return here


def _findings(links: pl.DataFrame, loop_count: int) -> Iterator[Finding]:
    if loop_count:
        yield finding("mbi_loop", table=LINKS.name, rule="current_bene_id", count=loop_count)
    others = links.filter(pl.col("bene_id") != pl.col("current_bene_id"))
    targets = others.group_by("delivery", "bene_id").agg(pl.col("current_bene_id").n_unique())
    if count := targets.filter(pl.col("current_bene_id") > 1)["bene_id"].n_unique():
        words = "MBIs with several current MBIs in one delivery; the last in order of text is taken"
        yield finding("counted_for_record", table=LINKS.name, rule=words, count=count)
