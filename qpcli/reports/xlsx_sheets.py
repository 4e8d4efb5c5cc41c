"""What stands in a workbook beside the tables: about the run, definitions, a long sheet for pivots, colours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from qpcli.reports.frames import calculated_schema
from qpcli.reports.manifest import Manifest
from qpcli.tables.schema import Column, Kind, Table
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from qpcli.terms import Method, QpStatus

PIVOT_NAME = "scores_by_method"
_PREFIX = {"payment": Method.PAYMENT_AMOUNT, "patient": Method.PATIENT_COUNT}
_OF_METHOD = {
    "numerator": (Kind.INTEGER, "Payments in USD, or beneficiaries."),
    "denominator": (Kind.INTEGER, "Payments in USD, or beneficiaries."),
    "score": (Kind.SCORE, "Threshold Score."),
    "qp_threshold": (Kind.INTEGER, "QP threshold."),
    "partial_threshold": (Kind.INTEGER, "Partial QP threshold."),
    "status": (Kind.CHOICE, "Status by the method."),
    "gap_to_qp": (Kind.INTEGER, "What is missing to the QP threshold, in USD or beneficiaries."),
}
_AMOUNTS = ("numerator", "denominator", "gap_to_qp")


@dataclass(frozen=True, slots=True)
class ColourRule:
    """Colours a cell of a column when a formula, written for row 2, holds."""

    column: int
    formula: str
    colour: str


def status_colours() -> dict[str, dict[str, str]]:
    """Fill and font per status; the words of the cell say the same without colour."""
    return {
        QpStatus.QP.value: {"bg_color": "#D8EEDD", "font_color": "#14532D"},
        QpStatus.PARTIAL_QP.value: {"bg_color": "#FBEFC7", "font_color": "#6B4500"},
        QpStatus.NOT_QP.value: {"bg_color": "#F8DCD8", "font_color": "#7F1D1D"},
    }


def threshold_rules(table: Table) -> Iterator[ColourRule]:
    """Scores against the bars of their own row, statuses by their word."""
    names = table.column_names
    for prefix in ("payment_", "patient_", ""):
        bars = [f"{prefix}score", f"{prefix}qp_threshold", f"{prefix}partial_threshold"]
        if set(bars) <= set(names):
            yield from _score_rules(names.index(bars[0]), *(_letter(names.index(name)) for name in bars))
    for place, column in enumerate(table.columns):
        if column.name.endswith("status"):
            for status in status_colours():
                yield ColourRule(place, f'=${_letter(place)}2="{status}"', status)


def _score_rules(place: int, score: str, qp: str, partial: str) -> Iterator[ColourRule]:
    is_number = f"ISNUMBER(${score}2)"
    yield ColourRule(place, f"=AND({is_number},${score}2>=${qp}2)", QpStatus.QP.value)
    yield ColourRule(place, f"=AND({is_number},${score}2>=${partial}2)", QpStatus.PARTIAL_QP.value)
    yield ColourRule(place, f"={is_number}", QpStatus.NOT_QP.value)


def _letter(place: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    name: str = xl_col_to_name(place)
    return name


def pivot_table() -> Table:
    """One row per Threshold Score and method: threshold_scores in long form, ready for a pivot table."""
    keys = tuple(THRESHOLD_SCORES.column(name) for name in THRESHOLD_SCORES.keys)
    methods = Column("method", Kind.CHOICE, "Threshold Score method.", choices=tuple(Method))
    values = tuple(Column(name, _long_kind(name), meaning) for name, (_, meaning) in _OF_METHOD.items())
    return replace(
        THRESHOLD_SCORES,
        name=PIVOT_NAME,
        grain="One row per APM Entity or assessed clinician, snapshot, service basis and method.",
        keys=(*THRESHOLD_SCORES.keys, "method"),
        columns=(*keys, methods, *values),
    )


def _long_kind(name: str) -> Kind:
    # Patients stand in the same column as dollars, and so with two decimals.
    return Kind.MONEY if name in _AMOUNTS else _OF_METHOD[name][0]


def pivot_frame(threshold_scores: pl.DataFrame) -> pl.DataFrame:
    """The rows of `pivot_table`, payment before patient."""
    parts = [_by_method(threshold_scores, prefix, method) for prefix, method in _PREFIX.items()]
    table = pivot_table()
    ordered = pl.concat([part.with_columns(place=pl.lit(i)) for i, part in enumerate(parts)])
    return ordered.sort(*THRESHOLD_SCORES.keys, "place").select(list(calculated_schema(table)))


def _by_method(scores: pl.DataFrame, prefix: str, method: Method) -> pl.DataFrame:
    # Amounts are in cents: patients are made hundredths of a patient.
    per_unit = 1 if method is Method.PAYMENT_AMOUNT else 100
    values = [pl.col(f"{prefix}_{name}") * (per_unit if name in _AMOUNTS else 1) for name in _numbers()]
    return scores.select(
        *THRESHOLD_SCORES.keys,
        pl.lit(method.value).alias("method"),
        *(value.alias(name) for value, name in zip(values, _numbers(), strict=True)),
        pl.col(f"{prefix}_status").alias("status"),
    )


def _numbers() -> list[str]:
    return [name for name in _OF_METHOD if name != "status"]


def about_rows(manifest: Manifest) -> Iterator[Sequence[str]]:
    """The run in words; nothing in it but what the run id stands for."""
    yield "qpcli report", manifest.run_id, "Run id; equal for equal inputs, law and options."
    yield "performance year", str(manifest.performance_year), ""
    yield "law as of", str(manifest.law_as_of), f"law data version {manifest.law_data_version}"
    if manifest.is_shared:
        yield "small cells", "hidden", "Counts of 1 to 10 people and what would reveal them (--share)."
    yield "qpcli", manifest.versions.qpcli, f"schema {manifest.versions.schema}"
    for entry in manifest.law_entries:
        yield f"law: {entry.rule}", entry.value, f"{entry.authority}; {entry.citation}"
    for point in manifest.open_points:
        told = "overridden" if point.is_overridden else "default"
        yield f"assumed: {point.name}", point.value, f"{told}; {point.reason}"


def definition_rows(tables: Iterable[Table]) -> Iterator[Sequence[str]]:
    """One row per column of every sheet."""
    yield "sheet", "column", "kind and unit", "meaning"
    for table in tables:
        for one in (table, pivot_table()) if table is THRESHOLD_SCORES else (table,):
            for column in one.columns:
                yield one.name, column.name, _kind_words(column), _meaning(column)


def _kind_words(column: Column) -> str:
    return f"{column.kind.value}, {column.unit}" if column.unit else column.kind.value


def _meaning(column: Column) -> str:
    choices = f" One of {', '.join(column.choices)}." if column.choices else ""
    blank = f" Blank: {column.null_means}." if column.null_means else ""
    return f"{column.meaning}{choices}{blank}"
