"""One row per assessed group of clinicians, snapshot and basis."""

from qpcli.tables.schema import Column, Kind, Table
from qpcli.terms import MEDICARE_LEVELS, QpStatus, ServiceBasis

_STATUSES = tuple(reversed(QpStatus))
_HIDDEN = "hidden by --share"

THRESHOLD_SCORES = Table(
    name="threshold_scores",
    grain="One row per APM Entity or assessed clinician, snapshot and service basis.",
    is_output=True,
    keys=("performance_year", "snapshot", "level", "apm_entity_id", "npi", "basis"),
    columns=(
        Column("performance_year", Kind.INTEGER, "Performance year."),
        Column("snapshot", Kind.INTEGER, "Snapshot 1, 2 or 3 (Mar 31, Jun 30, Aug 31)."),
        Column("level", Kind.CHOICE, "Level of the assessment.", choices=MEDICARE_LEVELS),
        Column("apm_entity_id", Kind.TEXT, "APM Entity.", null_means="an individual across entities"),
        Column("npi", Kind.NPI, "Clinician.", null_means="the group of an APM Entity"),
        Column(
            "basis",
            Kind.CHOICE,
            "Services that make a beneficiary attribution-eligible.",
            choices=tuple(ServiceBasis),
        ),
        Column("clinician_count", Kind.INTEGER, "Distinct NPIs of the group.", unit="clinicians"),
        Column(
            "payment_numerator",
            Kind.MONEY,
            "Payments for attributed, attribution-eligible beneficiaries.",
            unit="USD",
            null_means=_HIDDEN,
        ),
        Column(
            "payment_denominator",
            Kind.MONEY,
            "Payments for attribution-eligible beneficiaries.",
            unit="USD",
            null_means=_HIDDEN,
        ),
        Column(
            "payment_score",
            Kind.SCORE,
            "Payment amount Threshold Score, truncated toward zero at 4 decimals.",
            unit="percent",
            null_means="the denominator is 0, or hidden by --share",
        ),
        Column(
            "patient_numerator",
            Kind.INTEGER,
            "Attributed, attribution-eligible beneficiaries served.",
            unit="beneficiaries",
            null_means=_HIDDEN,
        ),
        Column(
            "patient_denominator",
            Kind.INTEGER,
            "Attribution-eligible beneficiaries served.",
            unit="beneficiaries",
            null_means=_HIDDEN,
        ),
        Column(
            "patient_score",
            Kind.SCORE,
            "Patient count Threshold Score, truncated toward zero at 4 decimals.",
            unit="percent",
            null_means="the denominator is 0, or hidden by --share",
        ),
        Column("payment_qp_threshold", Kind.INTEGER, "QP payment amount threshold.", unit="percent"),
        Column("payment_partial_threshold", Kind.INTEGER, "Partial QP payment amount threshold.", unit="percent"),
        Column("patient_qp_threshold", Kind.INTEGER, "QP patient count threshold.", unit="percent"),
        Column("patient_partial_threshold", Kind.INTEGER, "Partial QP patient count threshold.", unit="percent"),
        Column("payment_status", Kind.CHOICE, "Status by the payment amount method.", choices=_STATUSES),
        Column("patient_status", Kind.CHOICE, "Status by the patient count method.", choices=_STATUSES),
        Column("status", Kind.CHOICE, "The more favourable of the two.", choices=_STATUSES),
        Column(
            "payment_gap_to_qp",
            Kind.MONEY,
            "Least amount of existing denominator dollars that would have to become attributed; 0 when met.",
            unit="USD",
            null_means="the denominator is 0 or less, or hidden by --share",
        ),
        Column(
            "patient_gap_to_qp",
            Kind.INTEGER,
            "Least number of existing denominator beneficiaries that would have to become attributed; 0 when met.",
            unit="beneficiaries",
            null_means="the denominator is 0, or hidden by --share",
        ),
    ),
)
