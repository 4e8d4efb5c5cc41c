"""One row per clinician, for people: who it is, the newest status, what decided it and what is missing."""

from qpcli.tables.schema import Column, Kind, Table
from qpcli.terms import Level, Method, MipsConsequence, QpOption, QpStatus, ServiceBasis

_NOTHING = "nothing was determined"
_NO_RESULT = "no result by this method"
_OR_HIDDEN = f"{_NO_RESULT}, or hidden by --share"
SEPARATOR = "; "
"""Between several values of one cell."""


def _best(prefix: str, words: str, gap_kind: Kind, unit: str) -> tuple[Column, ...]:
    """The columns of the clinician's best result by one method."""
    return (
        Column(
            f"{prefix}_score",
            Kind.SCORE,
            f"Best {words} Threshold Score of the Medicare Option: the best status; of several Not QP the newest "
            "snapshot; then the highest.",
            unit="percent",
            null_means=_OR_HIDDEN,
        ),
        Column(f"{prefix}_qp_threshold", Kind.INTEGER, "Its QP threshold.", unit="percent", null_means=_NO_RESULT),
        Column(
            f"{prefix}_gap_to_qp",
            gap_kind,
            "What is missing in it to the QP threshold; 0 when met.",
            unit=unit,
            null_means=_OR_HIDDEN,
        ),
        Column(f"{prefix}_level", Kind.CHOICE, "Level of it.", choices=tuple(Level), null_means=_NO_RESULT),
        Column(
            f"{prefix}_apm_entity_id", Kind.TEXT, "APM Entity of it.", null_means="an individual result, or no result"
        ),
        Column(f"{prefix}_basis", Kind.CHOICE, "Basis of it.", choices=tuple(ServiceBasis), null_means=_NO_RESULT),
        Column(f"{prefix}_snapshot", Kind.INTEGER, "Snapshot of it.", null_means=_NO_RESULT),
    )


CLINICIANS = Table(
    name="clinicians",
    grain="One row per clinician (NPI): the newest determination, for people.",
    is_output=True,
    keys=("performance_year", "npi"),
    columns=(
        Column("performance_year", Kind.INTEGER, "Performance year."),
        Column("npi", Kind.NPI, "Clinician."),
        Column("clinician_name", Kind.TEXT, "Name as the participant list gives it.", null_means="no list gives one"),
        Column("tins", Kind.TEXT, "TINs under which the clinician is listed on one of the dates, with `; ` between."),
        Column("apm_entity_ids", Kind.TEXT, "APM Entities that list the clinician, with `; ` between."),
        Column("apm_entity_names", Kind.TEXT, "Their names in the same order; the id where there is no name."),
        Column("snapshot", Kind.INTEGER, "Snapshot of the newest determination."),
        Column("status", Kind.CHOICE, "Best status so far in the year.", choices=tuple(reversed(QpStatus))),
        Column("determined_by_level", Kind.CHOICE, "Level that decided.", choices=tuple(Level), null_means=_NOTHING),
        Column(
            "determined_by_apm_entity_id",
            Kind.TEXT,
            "APM Entity that decided.",
            null_means="an individual result, or nothing was determined",
        ),
        Column(
            "determined_by_basis", Kind.CHOICE, "Basis that decided.", choices=tuple(ServiceBasis), null_means=_NOTHING
        ),
        Column("determined_by_method", Kind.CHOICE, "Method that decided.", choices=tuple(Method), null_means=_NOTHING),
        Column("determined_at_snapshot", Kind.INTEGER, "Snapshot that decided.", null_means=_NOTHING),
        Column(
            "determined_by_option",
            Kind.CHOICE,
            "Medicare Option or All-Payer Combination Option.",
            choices=tuple(QpOption),
            null_means=_NOTHING,
        ),
        *_best("payment", "payment amount", Kind.MONEY, "USD"),
        *_best("patient", "patient count", Kind.INTEGER, "beneficiaries"),
        Column("mips_consequence", Kind.CHOICE, "What the status means for MIPS.", choices=tuple(MipsConsequence)),
        Column(
            "is_mips_apm_participant",
            Kind.BOOLEAN,
            "Not QP and on a Participation List of an entity in a MIPS APM.",
        ),
    ),
)
