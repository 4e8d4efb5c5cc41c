"""One row per APM Entity, snapshot, basis and step from all lines to the numerator."""

from qpcli.tables.schema import Column, Kind, Table
from qpcli.terms import ServiceBasis

CLAIM_STEPS = (
    "group_lines_in_period",
    "processed_in_time",
    "not_denied",
    "not_cancelled",
    "covered_professional_service",
)
PERSON_STEPS = (
    "has_enrollment_record",
    "is_not_managed_care",
    "is_not_medicare_secondary",
    "has_part_a_and_b",
    "is_at_least_18",
    "is_us_resident",
    "has_qualifying_service",
    "is_not_prospective_elsewhere",
    "is_attributed",
)
STEPS = CLAIM_STEPS + PERSON_STEPS

EXCLUSIONS = Table(
    name="exclusions",
    grain="One row per APM Entity, snapshot, basis and step, from all lines to the numerator.",
    is_output=True,
    keys=("performance_year", "snapshot", "apm_entity_id", "basis", "step_number"),
    columns=(
        Column("performance_year", Kind.INTEGER, "Performance year."),
        Column("snapshot", Kind.INTEGER, "Snapshot 1, 2 or 3."),
        Column("apm_entity_id", Kind.TEXT, "APM Entity."),
        Column("basis", Kind.CHOICE, "Service basis.", choices=tuple(ServiceBasis)),
        Column("step_number", Kind.INTEGER, "Order of the step; 13 is the denominator, 14 the numerator."),
        Column("step", Kind.CHOICE, "What must hold to remain.", choices=STEPS),
        Column(
            "lines_remaining",
            Kind.INTEGER,
            "Claim lines that remain; from step 5 covered professional and RHC or FQHC services.",
            unit="lines",
            null_means="a step about people, or hidden by --share",
        ),
        Column(
            "lines_removed",
            Kind.INTEGER,
            "Claim lines removed.",
            unit="lines",
            null_means="a step about people, or hidden by --share",
        ),
        Column(
            "beneficiaries_remaining",
            Kind.INTEGER,
            "Beneficiaries that remain.",
            unit="beneficiaries",
            null_means="a step about claims, or hidden by --share",
        ),
        Column(
            "beneficiaries_removed",
            Kind.INTEGER,
            "Beneficiaries removed.",
            unit="beneficiaries",
            null_means="a step about claims, or hidden by --share",
        ),
        Column(
            "amount_remaining",
            Kind.MONEY,
            "Dollars that remain, cancellations negative; RHC and FQHC dollars leave at step 5.",
            unit="USD",
            null_means="hidden by --share",
        ),
        Column("amount_removed", Kind.MONEY, "Dollars removed.", unit="USD", null_means="hidden by --share"),
    ),
)
