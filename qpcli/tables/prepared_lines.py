"""One row per claim line version in a prepared store, and what the numbers in it stand for."""

from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.schema import Column, Kind, Table

DELIVERY, PAYER = "delivery", "payer"
"""Columns that lines of outside layouts have beside those of the table of claim lines.

DELIVERY: Int64, later is larger; 0 in layouts without deliveries. PAYER: code of a payer before Medicare, else null.
"""

LINE_VERSIONS: tuple[Column, ...] = (
    *CLAIM_LINES.columns,
    Column(
        "delivered_bene_id",
        Kind.TEXT,
        "Beneficiary as delivered, before the crosswalk led to another.",
        null_means="as it stands",
    ),
    Column(DELIVERY, Kind.INTEGER, "Delivery the row comes from; later is larger, 0 without deliveries."),
    Column(PAYER, Kind.TEXT, "Code of a payer before Medicare.", null_means="Medicare is first"),
    Column(
        "delivered_adjustment",
        Kind.TEXT,
        "Adjustment as delivered, of an original after a cancellation.",
        null_means="as it stands",
    ),
    Column(
        "delivered_is_denied",
        Kind.BOOLEAN,
        "Denial as delivered, of a cancellation that has taken that of its line.",
        null_means="as it stands",
    ),
    Column("has_versions", Kind.BOOLEAN, "Whether other rows are versions of the same line."),
)
"""What the versions of a line are."""

LINE_CODES: tuple[Column, ...] = (
    Column("person", Kind.INTEGER, "Row of the bene_id in codes/people of the same shard, from 0."),
    Column("biller", Kind.INTEGER, "Row of npi and tin in codes/billers of the same shard, from 0."),
    Column(
        "service",
        Kind.INTEGER,
        "Row of hcpcs, setting, adjustment and is_denied in codes/services of the same shard, from 0.",
    ),
    Column(
        "amount_cents",
        Kind.INTEGER,
        "What the row is worth: paid plus withheld less excluded, negative on a cancellation.",
        unit="cents",
    ),
)
"""The same facts as numbers, quicker to read: a run looks up each distinct text once, and not on every line."""

PREPARED_LINES = Table(
    name="prepared_lines",
    grain="One row per distinct version of a claim line in a prepared store: lines with several versions first.",
    columns=(*LINE_VERSIONS, *LINE_CODES),
    keys=("bene_id", "claim_id", "line_number", "processed_date", "claim_version", "adjustment"),
)
