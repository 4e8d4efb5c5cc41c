"""One row per CCLFB claim line with a reduction; a table of the CCLF reader, in no catalogue."""

from qpcli.tables.schema import Column, Kind, Table

WITHHELD = Table(
    name="withheld",
    grain="One row per delivered claim line version whose payment was reduced.",
    columns=(
        Column("bene_id", Kind.TEXT, "Beneficiary as delivered.", is_required=True, may_be_blank=False),
        Column("claim_version", Kind.TEXT, "CUR_CLM_UNIQ_ID.", is_required=True, may_be_blank=False),
        Column("line_number", Kind.INTEGER, "Line of the claim.", is_required=True, may_be_blank=False),
        Column("inclusion_amount", Kind.MONEY, "What would have been paid without the reduction.", unit="USD"),
        Column("reduction_amount", Kind.MONEY, "Population-based payment or capitation reduction.", unit="USD"),
        Column("sequestration_amount", Kind.MONEY, "Sequestration reduction.", unit="USD"),
        Column("withheld_amount", Kind.MONEY, "What is added back to paid_amount.", unit="USD"),
    ),
)
