"""One row per submission: a payer of an APM Entity, a TIN or a clinician at a snapshot."""

from qpcli.tables.schema import Column, Kind, Table
from qpcli.terms import ALL_PAYER_LEVELS, PayerType

LARGEST_TOTAL_CENTS = 10_000_000_000_000
"""100,000,000,000.00 USD: sums of many payers fit Int64, and products with them 128 bits."""
LARGEST_COUNT = 1_000_000_000
_NOT_SUBMITTED = "not submitted: the method cannot be used"

OTHER_PAYER = Table(
    name="other_payer",
    grain="One row per APM Entity, TIN or clinician, payer and snapshot: totals of payers that are not Medicare.",
    columns=(
        Column(
            "level",
            Kind.CHOICE,
            "What the subject is.",
            is_required=True,
            may_be_blank=False,
            choices=ALL_PAYER_LEVELS,
        ),
        Column(
            "subject_id",
            Kind.TEXT,
            "APM Entity, TIN or NPI, as in participants.",
            is_required=True,
            may_be_blank=False,
            aliases=("subject",),
        ),
        Column(
            "payer",
            Kind.TEXT,
            "Name of the payer, for people.",
            is_required=True,
            may_be_blank=False,
            aliases=("payer name", "other payer"),
        ),
        Column(
            "payer_type",
            Kind.CHOICE,
            "Kind of the payer: the Departments of Defense and Veterans Affairs never count.",
            is_required=True,
            may_be_blank=False,
            choices=tuple(PayerType),
        ),
        Column(
            "snapshot",
            Kind.INTEGER,
            "Snapshot 1, 2 or 3: amounts from Jan 1 to Mar 31, Jun 30 or Aug 31.",
            is_required=True,
            may_be_blank=False,
            bounds=(1, 3),
        ),
        Column(
            "apm_payment_amount",
            Kind.MONEY,
            "Payments under Other Payer Advanced APMs.",
            is_required=True,
            unit="USD",
            null_means=_NOT_SUBMITTED,
            bounds=(0, LARGEST_TOTAL_CENTS),
        ),
        Column(
            "total_payment_amount",
            Kind.MONEY,
            "All payments by the payer.",
            is_required=True,
            unit="USD",
            null_means=_NOT_SUBMITTED,
            bounds=(0, LARGEST_TOTAL_CENTS),
        ),
        Column(
            "apm_patient_count",
            Kind.INTEGER,
            "Patients under Other Payer Advanced APMs; a person may count once per payer.",
            is_required=True,
            unit="patients",
            null_means=_NOT_SUBMITTED,
            bounds=(0, LARGEST_COUNT),
        ),
        Column(
            "total_patient_count",
            Kind.INTEGER,
            "All patients of the payer.",
            is_required=True,
            unit="patients",
            null_means=_NOT_SUBMITTED,
            bounds=(0, LARGEST_COUNT),
        ),
        Column(
            "medicaid_available",
            Kind.BOOLEAN,
            "Medicaid only: a Medicaid APM or Medicaid Medical Home Model is available in the county where the "
            "clinician sees most patients, and does not bar the specialty.",
            default=True,
        ),
    ),
)
