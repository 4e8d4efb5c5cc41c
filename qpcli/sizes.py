"""Whether a report can be written in the format asked for, known before anything is computed."""

from __future__ import annotations

import polars as pl

from qpcli.loading import Loaded
from qpcli.regulation.law import Law
from qpcli.reports.xlsx import refuse_rows
from qpcli.request import ReportFormat
from qpcli.terms import IndividualAssessment, ListType

_METHODS = 2


def refuse_too_long(loaded: Loaded) -> None:
    """Raises UsageError QP112 for more rows than a sheet of a workbook holds."""
    if loaded.request.output.format is ReportFormat.XLSX:
        refuse_rows(most_rows(loaded.inputs.participants.frame, loaded.law))


def most_rows(participants: pl.DataFrame, law: Law) -> int:
    """Rows that the longest sheet cannot exceed: of scores by method, or of clinicians by snapshot.

    An entry without an NPI counts as one clinician: who bills under its TIN only the claims tell.
    """
    clinicians = participants.get_column("npi").n_unique()
    groups = participants.get_column("apm_entity_id").n_unique() + _assessed_one_by_one(participants, law)
    scores = groups * len(law.bases) * _METHODS
    return max(scores, clinicians) * len(law.snapshots)


def _assessed_one_by_one(participants: pl.DataFrame, law: Law) -> int:
    listed = participants.select("npi", "apm_entity_id").unique()
    affiliated = participants.filter(pl.col("list_type") == ListType.AFFILIATED.value)
    affiliated_count = affiliated.select("npi", "apm_entity_id").n_unique()
    if law.individual_assessment is IndividualAssessment.EVERY_LISTED_CLINICIAN_FROM_2026:
        return listed.get_column("npi").n_unique() + affiliated_count
    return listed.get_column("npi").value_counts().filter(pl.col("count") > 1).height + affiliated_count
