"""One row per APM Entity, snapshot, basis and TIN or NPI of its group."""

from qpcli.tables.schema import Column, Kind, Table
from qpcli.terms import QpStatus, ServiceBasis

_NOBODY = "nobody would be left in the group"
_NO_SCORE = "the denominator would be 0, or nobody left"

CONTRIBUTIONS = Table(
    name="contributions",
    grain="One row per APM Entity, snapshot, basis and TIN or NPI of its group; written with --keep-cells.",
    is_output=True,
    keys=("performance_year", "snapshot", "apm_entity_id", "basis", "contributor_kind", "contributor"),
    columns=(
        Column("performance_year", Kind.INTEGER, "Performance year."),
        Column("snapshot", Kind.INTEGER, "Snapshot 1, 2 or 3."),
        Column("apm_entity_id", Kind.TEXT, "APM Entity."),
        Column("basis", Kind.CHOICE, "Service basis.", choices=tuple(ServiceBasis)),
        Column("contributor_kind", Kind.CHOICE, "What contributes.", choices=("tin", "npi")),
        Column("contributor", Kind.TEXT, "The TIN or NPI."),
        Column("own_payment_numerator", Kind.MONEY, "Payment numerator of its own lines alone.", unit="USD"),
        Column("own_payment_denominator", Kind.MONEY, "Payment denominator of its own lines alone.", unit="USD"),
        Column("own_patient_numerator", Kind.INTEGER, "Patient numerator, likewise.", unit="beneficiaries"),
        Column("own_patient_denominator", Kind.INTEGER, "Patient denominator, likewise.", unit="beneficiaries"),
        Column(
            "shared_patient_count",
            Kind.INTEGER,
            "Beneficiaries of the entity's denominator whom it serves and others of the group serve too.",
            unit="beneficiaries",
        ),
        Column(
            "payment_numerator_without",
            Kind.MONEY,
            "The entity's payment numerator without it.",
            unit="USD",
            null_means=_NOBODY,
        ),
        Column(
            "payment_denominator_without",
            Kind.MONEY,
            "The entity's payment denominator without it.",
            unit="USD",
            null_means=_NOBODY,
        ),
        Column(
            "payment_score_without",
            Kind.SCORE,
            "The entity's payment score without it.",
            unit="percent",
            null_means=_NO_SCORE,
        ),
        Column(
            "payment_score_change",
            Kind.SCORE,
            "That score less the entity's score: above 0, the entity would gain by leaving it out.",
            unit="points",
            null_means="one of the two is none",
        ),
        Column(
            "patient_numerator_without",
            Kind.INTEGER,
            "The entity's patient numerator without it.",
            unit="beneficiaries",
            null_means=_NOBODY,
        ),
        Column(
            "patient_denominator_without",
            Kind.INTEGER,
            "The entity's patient denominator without it.",
            unit="beneficiaries",
            null_means=_NOBODY,
        ),
        Column(
            "patient_score_without",
            Kind.SCORE,
            "The entity's patient score without it.",
            unit="percent",
            null_means=_NO_SCORE,
        ),
        Column(
            "patient_score_change",
            Kind.SCORE,
            "That score less the entity's score.",
            unit="points",
            null_means="one of the two is none",
        ),
        Column(
            "status_without",
            Kind.CHOICE,
            "The entity's status by this basis without it.",
            choices=tuple(reversed(QpStatus)),
        ),
    ),
)
