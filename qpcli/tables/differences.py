"""One row per score or determination that differs between a run and what it is compared with."""

from enum import StrEnum

from qpcli.tables.schema import Column, Kind, Table
from qpcli.terms import Level, QpStatus, ServiceBasis


class Subject(StrEnum):
    """What differs."""

    THRESHOLD_SCORE = "threshold_score"
    DETERMINATION = "determination"


class Cause(StrEnum):
    """Why two results differ, in the order in which a cause is looked for."""

    ROSTER = "roster"
    TIMING_RUN_OUT = "timing_run_out"
    ATTRIBUTION_LIST = "attribution_list"
    RULE_THRESHOLD = "rule_threshold"
    OTHER_PAYERS = "other_payers"
    UNEXPLAINED = "unexplained"


_STATUSES = tuple(reversed(QpStatus))
_SIDES = (("first", "in the first"), ("second", "in the second"))
_NOT_THERE = "not there, or not told"


def _both(name: str, kind: Kind, meaning: str, unit: str = "") -> tuple[Column, ...]:
    """A column for each side."""
    return tuple(
        Column(f"{name}_{side}", kind, f"{meaning} {words}.", unit=unit, null_means=_NOT_THERE)
        for side, words in _SIDES
    )


DIFFERENCES = Table(
    name="differences",
    grain="One row per Threshold Score or determination that differs between a run and another, or CMS's answer.",
    is_output=True,
    keys=("subject", "snapshot", "level", "apm_entity_id", "npi", "basis"),
    columns=(
        Column("subject", Kind.CHOICE, "What differs.", choices=tuple(Subject)),
        Column("cause", Kind.CHOICE, "Why, as far as the two sides can tell.", choices=tuple(Cause)),
        Column("snapshot", Kind.INTEGER, "Snapshot; of a determination the newest of either side."),
        Column("level", Kind.CHOICE, "Level of the score.", choices=tuple(Level), null_means="a determination"),
        Column("apm_entity_id", Kind.TEXT, "APM Entity.", null_means="an individual, or a determination"),
        Column("npi", Kind.NPI, "Clinician.", null_means="the group of an APM Entity"),
        Column("basis", Kind.CHOICE, "Basis.", choices=tuple(ServiceBasis), null_means="a determination"),
        *(
            Column(
                f"status_{side}",
                Kind.TEXT,
                f"Status {words}: {', '.join(_STATUSES)}, or CMS's own letter where it was not read.",
                null_means=_NOT_THERE,
            )
            for side, words in _SIDES
        ),
        *_both("payment_score", Kind.SCORE, "Payment amount Threshold Score", "percent"),
        *_both("patient_score", Kind.SCORE, "Patient count Threshold Score", "percent"),
        *_both("payment_numerator", Kind.MONEY, "Payment numerator", "USD"),
        *_both("payment_denominator", Kind.MONEY, "Payment denominator", "USD"),
        *_both("patient_numerator", Kind.INTEGER, "Patient numerator", "beneficiaries"),
        *_both("patient_denominator", Kind.INTEGER, "Patient denominator", "beneficiaries"),
        *_both("clinician_count", Kind.INTEGER, "Clinicians of the group", "clinicians"),
    ),
)
