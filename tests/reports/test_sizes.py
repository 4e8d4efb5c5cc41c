"""How long the longest sheet of a workbook can become, told from the lists alone."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from qpcli.sizes import most_rows
from qpcli.terms import IndividualAssessment, ServiceBasis
from tests.reports.world import law

EVERYBODY = IndividualAssessment.EVERY_LISTED_CLINICIAN_FROM_2026


def listed(*entries: tuple[str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(entries, schema=["apm_entity_id", "npi", "list_type"], orient="row")


def test_until_2025_only_clinicians_of_several_entities_add_scores() -> None:
    rows = listed(("A", "1", "participation"), ("B", "1", "participation"), ("A", "2", "participation"))
    assert most_rows(rows, law()) == (2 + 1) * 2 * 3


def test_from_2026_every_clinician_adds_scores_by_both_bases() -> None:
    rows = listed(("A", "1", "participation"), ("A", "2", "participation"))
    year = replace(law(bases=(ServiceBasis.EM, ServiceBasis.CPS)), individual_assessment=EVERYBODY)
    assert most_rows(rows, year) == (1 + 2) * 2 * 2 * 3


def test_an_affiliated_practitioner_is_assessed_for_each_entity() -> None:
    rows = listed(("A", "1", "affiliated"), ("B", "2", "affiliated"))
    assert most_rows(rows, law()) == (2 + 2) * 2 * 3


def test_many_clinicians_of_one_entity_are_counted_by_snapshot() -> None:
    rows = listed(*(("A", str(npi), "participation") for npi in range(50)))
    assert most_rows(rows, law()) == 50 * 3
