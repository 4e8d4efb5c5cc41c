"""What QP status is worth for people, on one page, and as one JSON object; nothing is computed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl
from pydantic import JsonValue
from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from qpcli.balance import Against, Balance
from qpcli.findings import Finding
from qpcli.regulation.incentive import Incentive
from qpcli.regulation.law import Evidence, Law
from qpcli.reports.as_json import as_json, json_object
from qpcli.reports.findings import finding_object
from qpcli.reports.manifest import OutputRecord
from qpcli.reports.summary import WIDEST, section
from qpcli.reports.summary_findings import finding_lines
from qpcli.reports.summary_words import counted, dollars, printable
from qpcli.tables.incentives import NPI_INCENTIVES, TIN_INCENTIVES

_MOST_ROWS = 10
_OPEN_POINTS = ("incentive_rounding", "incentive_tin_shares", "denied_lines", "covered_service_codes")
"""Assumptions on which the dollars rest."""


@dataclass(frozen=True, slots=True)
class WorthSummary:
    """What a summary is made of; `folder` is None when nothing was written."""

    tables: Mapping[str, pl.DataFrame]
    law: Law
    incentive: Incentive
    balance: Balance
    against: Against
    findings: tuple[Finding, ...]
    source_run_id: str
    run_id: str
    folder: Path | None = None
    outputs: tuple[OutputRecord, ...] = ()
    is_up_to_date: bool = False


def terminal_worth(summary: WorthSummary, *, names_tins: bool) -> RenderableType:
    """The answer on one page, at most 100 columns wide, readable without colour; a log names no TINs."""
    law, year = summary.law, summary.incentive.payment_year
    title = f"What QP status of performance year {law.performance_year} is worth in payment year {year}"
    has_qps = not summary.tables[NPI_INCENTIVES.name].is_empty()
    sections = (
        Text(title, style="bold"),
        section("Incentive", *_incentive(summary)),
        *([section("By APM Entity", _by_entity(summary))] if has_qps else []),
        *([section("By TIN", *_by_tin(summary))] if has_qps and names_tins else []),
        section("Against it", *_against(summary)),
        section("Findings", *finding_lines(summary.findings)),
        section("Law and assumptions", *_law(summary)),
        section("Report", *_report(summary)),
    )
    spaced = [part for one in sections for part in (one, Text())]
    return Constrain(Group(*spaced[:-1]), WIDEST)


def _incentive(summary: WorthSummary) -> Iterable[RenderableType]:
    worth, incentive = summary.balance.worth, summary.incentive
    qps = counted(summary.tables[NPI_INCENTIVES.name].height, "QP")
    table = _plain_table()
    table.add_row("Base amount", dollars(worth.base_cents), f"{qps}, services of {incentive.base_period.year}")
    if incentive.has_lump_sum:
        table.add_row("Lump sum", dollars(worth.incentive_cents), f"{incentive.lump_sum_percent} % of it")
    else:
        table.add_row("Lump sum", dollars(0), f"none in payment year {incentive.payment_year}")
    table.add_row("Fee schedule", *_fee_schedule(summary))
    table.add_row("Together", dollars(worth.gain_cents), "")
    yield table


def _fee_schedule(summary: WorthSummary) -> tuple[str, str]:
    schedule = summary.incentive.fee_schedule
    if not schedule.is_higher_for_qps:
        return dollars(0), "the same for QPs and others"
    amount = dollars(summary.balance.worth.fee_schedule_cents)
    if schedule.factors is not None:
        factors = f"${schedule.factors.qualifying} against ${schedule.factors.other}"
        return amount, f"an estimate: conversion factors {factors} on the base amount"
    percent = (Decimal(schedule.ratio.numerator) / schedule.ratio.denominator - 1) * 100
    return amount, f"an estimate: updates so far differ by {percent:.2f} %, on the base amount"


def _by_entity(summary: WorthSummary) -> RenderableType:
    """Sums of the QPs whose status an APM Entity decided; individual results in one row."""
    amounts = ("base_amount", "incentive_amount", "fee_schedule_amount")
    rows = (
        summary.tables[NPI_INCENTIVES.name]
        .group_by("apm_entity_id")
        .agg(pl.len(), *(pl.col(name).sum() for name in amounts))
    )
    return _amounts("APM Entity", rows.sort("apm_entity_id", nulls_last=True), "individual results")


def _by_tin(summary: WorthSummary) -> Iterable[RenderableType]:
    """The TINs that are paid most."""
    tins = summary.tables[TIN_INCENTIVES.name]
    columns = ("tin", "qp_count", "base_amount", "incentive_amount", "fee_schedule_amount")
    most = tins.select(columns).with_columns(pl.col("fee_schedule_amount").fill_null(0))
    most = most.sort(["incentive_amount", "base_amount", "tin"], descending=[True, True, False])
    yield _amounts("TIN", most.head(_MOST_ROWS), "no TIN known")
    if tins.height > _MOST_ROWS:
        yield Text(f"Shown are the {_MOST_ROWS} of {tins.height:,} TINs with most.")


def _amounts(label: str, rows: pl.DataFrame, unnamed: str) -> Table:
    table = _plain_table(label, "QPs", "Base amount", "Lump sum", "Fee schedule")
    for name, count, *cents in rows.iter_rows():
        shown = unnamed if name is None else printable(name)
        table.add_row(Text(shown), f"{count:,}", *(dollars(amount or 0) for amount in cents))
    return table


def _against(summary: WorthSummary) -> Iterable[RenderableType]:
    """The net of a MIPS adjustment and a shared loss, and the break-even of each."""
    balance, against = summary.balance, summary.against
    table = _plain_table()
    if against.mips_adjustment is not None:
        what = f"{against.mips_adjustment} % of the base amount, which QPs forgo"
        table.add_row("MIPS adjustment", dollars(-balance.mips_cents), what)
    if against.shared_loss_cents is not None:
        table.add_row("Shared loss", dollars(-balance.shared_loss_cents), "owed to CMS")
    table.add_row("Net", dollars(balance.net_cents), "" if balance.net_cents >= 0 else "QP status does not pay for it")
    yield table
    if balance.break_even_loss_cents >= 0:
        yield Text(f"Nothing is left at a shared loss of {dollars(balance.break_even_loss_cents)}.")
    else:
        yield Text("Nothing is left even without a shared loss: the MIPS adjustment is more.")
    if balance.break_even_mips_adjustment is not None:
        yield Text(f"MIPS would pay the same at an adjustment of {balance.break_even_mips_adjustment} %.")


def _law(summary: WorthSummary) -> Iterable[Text]:
    incentive = summary.incentive
    for entry in incentive.entries:
        words = entry.rule.replace("_", " ")
        doubt = "" if entry.evidence is Evidence.REGULATION else "; from a dated secondary source"
        yield Text(f"{words[0].upper()}{words[1:]}: {entry.value} ({entry.authority}{doubt}).")
    if not incentive.has_lump_sum:
        yield Text(f"Payment years with a lump sum: {'; '.join(incentive.years_with_lump_sum)}.")
    for name in _OPEN_POINTS:
        yield Text(f"Assumed: {name} = {printable(summary.law.assumed(name))}.")


def _report(summary: WorthSummary) -> Iterable[Text]:
    if summary.folder is None:
        yield Text("Nothing was written; --out DIR keeps the tables.")
    else:
        yield Text(printable(str(summary.folder)), overflow="fold")
    if summary.is_up_to_date:
        yield Text("Up to date: nothing that it depends on has changed; --force computes it again.")
    yield Text(f"Run {summary.run_id}, of the determinations of run {summary.source_run_id}")


def _plain_table(*headers: str) -> Table:
    table = Table(box=None, show_header=bool(headers), header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    if not headers:
        table.add_column(no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(overflow="fold")
    for place, header in enumerate(headers):
        table.add_column(header, justify="right" if place else "left", no_wrap=bool(place), overflow="fold")
    return table


def worth_json(summary: WorthSummary) -> dict[str, JsonValue]:
    """The same sums as a JSON object: USD as text with two decimals, percents as text; tables are in the files."""
    balance, worth, incentive = summary.balance, summary.balance.worth, summary.incentive
    factors = incentive.fee_schedule.factors
    break_even = balance.break_even_mips_adjustment
    return {
        "run_id": summary.run_id,
        "source_run_id": summary.source_run_id,
        "performance_year": summary.law.performance_year,
        "payment_year": incentive.payment_year,
        "base_period": json_object(incentive.base_period),
        "qp_count": summary.tables[NPI_INCENTIVES.name].height,
        "lump_sum_percent": incentive.lump_sum_percent,
        "qualifying_conversion_factor": None if factors is None else str(factors.qualifying),
        "other_conversion_factor": None if factors is None else str(factors.other),
        "base_amount": _usd(worth.base_cents),
        "incentive_amount": _usd(worth.incentive_cents),
        "fee_schedule_amount": _usd(worth.fee_schedule_cents) if incentive.fee_schedule.is_higher_for_qps else None,
        "mips_adjustment_amount": _usd(balance.mips_cents),
        "shared_loss_amount": _usd(balance.shared_loss_cents),
        "net_amount": _usd(balance.net_cents),
        "break_even_shared_loss": _usd(balance.break_even_loss_cents),
        "break_even_mips_adjustment_percent": None if break_even is None else str(break_even),
        "law": as_json(incentive.entries),
        "assumptions": {name: summary.law.assumed(name) for name in _OPEN_POINTS},
        "findings": [finding_object(found) for found in summary.findings],
        "folder": None if summary.folder is None else str(summary.folder),
        "outputs": as_json(summary.outputs),
        "is_up_to_date": summary.is_up_to_date,
    }


def _usd(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
