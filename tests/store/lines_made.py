"""Small visible tables of claim lines as they are delivered, and as a store keeps them."""

from __future__ import annotations

from datetime import date

import polars as pl

from qpcli.inputs.parse import output_name, output_type
from qpcli.store.deliveries import DELIVERED, Unique, unique_versions
from qpcli.tables.prepared_lines import LINE_VERSIONS

_SCHEMA = {
    output_name(column): output_type(column)
    for column in LINE_VERSIONS
    if column.name not in ("has_versions", *DELIVERED)
}
_PLAIN = {
    "claim_id": "C1",
    "claim_version": "V1",
    "line_number": 1,
    "bene_id": "B1",
    "delivered_bene_id": "B1",
    "npi": "1234567893",
    "tin": "123456789",
    "hcpcs": "99213",
    "service_date": date(2025, 2, 3),
    "processed_date": date(2025, 2, 20),
    "paid_cents": 10_000,
    "setting": "professional",
    "adjustment": "original",
    "is_denied": False,
    "withheld_cents": 0,
    "excluded_cents": 0,
    "delivery": 1,
    "payer": None,
}


def day(text: str) -> date:
    """A day of 2025 written as 03-14."""
    return date.fromisoformat(f"2025-{text}")


def delivered(*rows: dict[str, object]) -> pl.DataFrame:
    """Rows as delivered; what is not given is that of a plain line."""
    return pl.DataFrame([_PLAIN | row for row in rows], schema=_SCHEMA, orient="row")


def original(version: str = "V1", processed: str = "02-20", **columns: object) -> dict[str, object]:
    return {"claim_version": version, "processed_date": day(processed), **columns}


def cancellation(version: str = "V2", processed: str = "03-20", **columns: object) -> dict[str, object]:
    return original(version, processed, adjustment="cancellation", **columns)


def replacement(version: str = "V3", processed: str = "03-20", **columns: object) -> dict[str, object]:
    return original(version, processed, adjustment="replacement", **columns)


def unique(*rows: dict[str, object], has_deliveries: bool = True) -> Unique:
    return unique_versions(delivered(*rows), has_deliveries=has_deliveries)


def told(found: Unique, *columns: str) -> list[tuple[object, ...]]:
    """The named columns of the rows, by version and processing date."""
    return found.rows.sort("claim_version", "processed_date", "line_number").select(columns).rows()
