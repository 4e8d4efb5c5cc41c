"""One row per beneficiary and coverage span."""

from qpcli.tables.schema import Column, Kind, Table

_POSTAL_CODES = """
AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI
SC SD TN TX UT VT VA WA WV WI WY DC PR VI GU AS MP
"""
UNITED_STATES = frozenset(_POSTAL_CODES.split())
"""The 50 States, DC and the territories that count as United States."""

BENEFICIARIES = Table(
    name="beneficiaries",
    grain="One row per beneficiary and coverage span.",
    columns=(
        Column(
            "bene_id",
            Kind.TEXT,
            "Beneficiary: the id used in claim_lines.",
            is_required=True,
            may_be_blank=False,
            aliases=("mbi", "bene_mbi_id", "beneficiary_id"),
        ),
        Column(
            "birth_date",
            Kind.DATE,
            "Date of birth; where rows disagree the earliest counts.",
            is_required=True,
            aliases=("dob", "date_of_birth", "bene_dob"),
            null_means="unknown: the age criterion is not met",
        ),
        Column(
            "death_date",
            Kind.DATE,
            "Date of death; where rows disagree the earliest counts.",
            aliases=("date_of_death", "bene_death_dt"),
            null_means="alive",
        ),
        Column("start_date", Kind.DATE, "First day of the span.", null_means="open"),
        Column("end_date", Kind.DATE, "Last day of the span.", null_means="open"),
        Column(
            "has_part_a",
            Kind.BOOLEAN,
            "Enrolled in Medicare Part A.",
            is_required=True,
            null_means="unknown: not met",
        ),
        Column(
            "has_part_b",
            Kind.BOOLEAN,
            "Enrolled in Medicare Part B.",
            is_required=True,
            null_means="unknown: not met",
        ),
        Column(
            "is_managed_care",
            Kind.BOOLEAN,
            "Enrolled in Medicare Advantage or a Medicare cost plan.",
            is_required=True,
            null_means="unknown: not met",
        ),
        Column(
            "is_medicare_secondary",
            Kind.BOOLEAN,
            "Medicare is the secondary payer.",
            is_required=True,
            null_means="unknown: not met",
        ),
        Column(
            "is_us_resident",
            Kind.BOOLEAN,
            "Resident of the United States; `state` may stand in its place.",
            is_required=True,
            null_means="unknown: not met",
        ),
        Column(
            "state",
            Kind.STATE,
            "Postal code of the State, in place of is_us_resident.",
            null_means="unknown: not met",
        ),
    ),
)
