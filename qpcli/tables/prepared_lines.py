"""One row per claim line version in a prepared store."""

from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.schema import Column, Kind, Table

PREPARED_LINES = Table(
    name="prepared_lines",
    grain="One row per distinct version of a claim line in a prepared store: lines with several versions first.",
    columns=(
        *CLAIM_LINES.columns,
        Column(
            "delivered_bene_id",
            Kind.TEXT,
            "Beneficiary as delivered, before the crosswalk led to another.",
            null_means="as it stands",
        ),
        Column("delivery", Kind.INTEGER, "Delivery the row comes from; later is larger, 0 without deliveries."),
        Column("payer", Kind.TEXT, "Code of a payer before Medicare.", null_means="Medicare is first"),
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
    ),
    keys=("bene_id", "claim_id", "line_number", "processed_date", "claim_version", "adjustment"),
)
