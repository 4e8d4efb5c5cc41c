"""One row per clinician and TIN with the dollars of the base year."""

from qpcli.tables.schema import Column, Kind, Table

BASE_AMOUNTS = Table(
    name="base_amounts",
    grain="One row per clinician and TIN with the base amount of a payment year's incentive; rows of one pair add up.",
    columns=(
        Column(
            "npi",
            Kind.NPI,
            "Clinician.",
            is_required=True,
            may_be_blank=False,
            aliases=("individual npi", "rendering npi"),
        ),
        Column(
            "tin",
            Kind.TIN,
            "Billing TIN.",
            is_required=True,
            aliases=("billing tin",),
            null_means="billed under no known TIN",
        ),
        Column(
            "base_amount",
            Kind.MONEY,
            "Paid for covered professional services of the base year, by the dollar rules of 42 CFR 414.1450(b).",
            is_required=True,
            may_be_blank=False,
            unit="USD",
            aliases=("amount", "paid_amount"),
        ),
    ),
)
