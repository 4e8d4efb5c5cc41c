"""Templates of inputs that a user writes by hand: the header and example rows, as CSV."""

from __future__ import annotations

from qpcli.tables.other_payer import OTHER_PAYER

_EXAMPLES = (
    "apm_entity,SYN04,Example Health Plan,commercial,3,45000.00,60000.00,45,60,",
    "apm_entity,SYN04,Example Advantage Plan,medicare_advantage,3,25000.00,40000.00,25,40,",
    "apm_entity,SYN04,Example State Medicaid,medicaid,3,0.00,10000.00,0,12,no",
    "apm_entity,SYN04,Veterans Affairs,va,3,0.00,5000.00,0,6,",
    "apm_entity,SYN06,Example Health Plan,commercial,3,90000.00,95000.00,90,95,",
    "tin,000820617,Example Health Plan,commercial,3,18000.00,20000.00,18,20,",
    "npi,9540012512,Example Health Plan,commercial,3,2000.00,3000.00,,,",
)
"""Submissions for the market in sample_data: of APM Entities, a TIN and a clinician, with payers that never count."""


def other_payer_template() -> str:
    """A clean CSV of the table other_payer; its subjects are those of sample_data."""
    return "\n".join([",".join(OTHER_PAYER.column_names), *_EXAMPLES, ""])
