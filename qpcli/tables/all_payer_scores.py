"""One row per subject of the All-Payer Combination Option, snapshot and basis."""

from enum import StrEnum

from qpcli.tables.schema import Column, Kind, Table
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from qpcli.terms import ALL_PAYER_LEVELS, QpStatus

_STATUSES = tuple(reversed(QpStatus))
_NOT_ASSESSED = "the subject was not assessed"
_HIDDEN = "hidden by --share"
_NOT_SHOWN = f"{_NOT_ASSESSED}, or {_HIDDEN}"
_OWN_SCORE = "the own Medicare score is used, or the subject was not assessed"


class NotAssessed(StrEnum):
    """Why a subject was not assessed at a snapshot (42 CFR 414.1440)."""

    UNKNOWN_SUBJECT = "unknown_subject"
    AFFILIATED_PRACTITIONERS_ONLY = "affiliated_practitioners_only"
    NOT_IN_ONE_APM_ENTITY = "not_in_one_apm_entity"
    NO_MEDICARE_SCORE = "no_medicare_score"


def _as_medicare(name: str, meaning: str, null_means: str = "") -> Column:
    """A column of threshold_scores with the meaning it has here."""
    column = THRESHOLD_SCORES.column(name)
    return Column(name, column.kind, meaning, choices=column.choices, unit=column.unit, null_means=null_means)


def _method_columns(prefix: str, what: str, unit: str, kind: Kind) -> tuple[Column, ...]:
    """The parts that a score of one method is made of."""
    return (
        Column(
            f"medicare_{prefix}_numerator", kind, f"Own Medicare {what}: numerator.", unit=unit, null_means=_NOT_SHOWN
        ),
        Column(
            f"medicare_{prefix}_denominator",
            kind,
            f"Own Medicare {what}: denominator.",
            unit=unit,
            null_means=_NOT_SHOWN,
        ),
        Column(
            f"medicare_{prefix}_score",
            Kind.SCORE,
            f"Own Medicare Threshold Score from {what}.",
            unit="percent",
            null_means=f"the denominator is 0, {_NOT_SHOWN}",
        ),
        Column(
            f"{prefix}_weighted_by_apm_entity_id",
            Kind.TEXT,
            f"APM Entity whose higher Medicare score, weighted by the own Medicare {what}, is used.",
            null_means=_OWN_SCORE,
        ),
        Column(
            f"other_payer_{prefix}_numerator",
            kind,
            f"Other payers' {what} under Other Payer Advanced APMs.",
            unit=unit,
            null_means=f"a payer that counts submitted none, or {_HIDDEN}",
        ),
        Column(
            f"other_payer_{prefix}_denominator",
            kind,
            f"Other payers' {what} in all.",
            unit=unit,
            null_means=f"a payer that counts submitted none, or {_HIDDEN}",
        ),
        Column(f"medicare_{prefix}_qp_minimum", Kind.INTEGER, "Medicare minimum for QP.", unit="percent"),
        Column(f"medicare_{prefix}_partial_minimum", Kind.INTEGER, "Medicare minimum for Partial QP.", unit="percent"),
    )


_TRUNCATED = "with a weighted Medicare score truncated toward zero"
_NO_TOTAL = f"the denominator is 0, a payer submitted nothing for the method, {_NOT_SHOWN}"
_NO_GAP = f"the denominator is 0 or less, a payer submitted nothing for the method, {_NOT_SHOWN}"

ALL_PAYER_SCORES = Table(
    name="all_payer_scores",
    grain="One row per APM Entity, TIN or clinician with submissions of other payers, snapshot and service basis.",
    is_output=True,
    keys=("performance_year", "snapshot", "level", "apm_entity_id", "tin", "npi", "basis"),
    columns=(
        THRESHOLD_SCORES.column("performance_year"),
        THRESHOLD_SCORES.column("snapshot"),
        Column("level", Kind.CHOICE, "Level of the assessment.", choices=ALL_PAYER_LEVELS),
        Column(
            "apm_entity_id",
            Kind.TEXT,
            "APM Entity; of a TIN the one it is in, of an Affiliated Practitioner the one whose list it is.",
            null_means="another clinician, or a TIN that was not assessed",
        ),
        Column("tin", Kind.TIN, "TIN.", null_means="an APM Entity or a clinician"),
        Column("npi", Kind.NPI, "Clinician.", null_means="an APM Entity or a TIN"),
        THRESHOLD_SCORES.column("basis"),
        _as_medicare("clinician_count", "Distinct NPIs of the subject.", _NOT_ASSESSED),
        _as_medicare("payment_numerator", f"Medicare and other payers' numerators, {_TRUNCATED}.", _NO_TOTAL),
        _as_medicare("payment_denominator", "Medicare and other payers' denominators.", _NO_TOTAL),
        _as_medicare("payment_score", "All-payer Threshold Score by payments, truncated toward zero.", _NO_TOTAL),
        _as_medicare("patient_numerator", f"Medicare and other payers' numerators, {_TRUNCATED}.", _NO_TOTAL),
        _as_medicare("patient_denominator", "Medicare and other payers' denominators.", _NO_TOTAL),
        _as_medicare("patient_score", "All-payer Threshold Score by patients, truncated toward zero.", _NO_TOTAL),
        THRESHOLD_SCORES.column("payment_qp_threshold"),
        THRESHOLD_SCORES.column("payment_partial_threshold"),
        THRESHOLD_SCORES.column("patient_qp_threshold"),
        THRESHOLD_SCORES.column("patient_partial_threshold"),
        _as_medicare("payment_status", "Status by the all-payer payment score, the Medicare minimum kept."),
        _as_medicare("patient_status", "Status by the all-payer patient score, the Medicare minimum kept."),
        _as_medicare("status", "The more favourable of the two."),
        _as_medicare("payment_gap_to_qp", "Least amount that would have to come under an APM; 0 when met.", _NO_GAP),
        _as_medicare("patient_gap_to_qp", "Least patients who would have to come under an APM; 0 when met.", _NO_GAP),
        *_method_columns("payment", "payments", "USD", Kind.MONEY),
        *_method_columns("patient", "patients", "patients", Kind.INTEGER),
        Column(
            "medicare_minimum_status",
            Kind.CHOICE,
            "Most favourable status whose Medicare minimum is met, by either method.",
            choices=_STATUSES,
        ),
        Column("medicare_status", Kind.CHOICE, "Status by the own Medicare scores alone.", choices=_STATUSES),
        Column("counted_payer_count", Kind.INTEGER, "Payers that count.", unit="payers"),
        Column("excluded_payer_count", Kind.INTEGER, "Payers that are excluded.", unit="payers"),
        Column(
            "not_assessed_because",
            Kind.CHOICE,
            "Why there is no score: no list names the subject; the level does not apply to Affiliated Practitioners; "
            "not all of the TIN are in one APM Entity; or the subject has no Medicare score at the snapshot.",
            choices=tuple(NotAssessed),
            null_means="the subject was assessed",
        ),
    ),
)
