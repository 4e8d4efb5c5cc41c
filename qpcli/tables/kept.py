"""What a run with --keep-cells leaves in the folder `cells/`: one row per what the grain of each table says.

Patient data. Identifiers are small whole numbers, which the tables `kept_people`, `kept_clinicians` and `kept_tins`
translate; they mean something within one run only.
"""

from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.schema import Column, Kind, Table
from qpcli.terms import Level

KEPT_CELLS = Table(
    name="kept_cells",
    grain="One row per clinician, TIN, beneficiary, stretch of dates and snapshot that first sees the lines "
    "(cells/cells.parquet). Rows of a snapshot add to those of the snapshots before; rows with equal keys add up.",
    is_output=True,
    keys=("clinician_key", "tin_key", "bene_key", "day", "seen_snapshot"),
    columns=(
        Column("clinician_key", Kind.INTEGER, "Clinician, see kept_clinicians."),
        Column(
            "tin_key",
            Kind.INTEGER,
            "TIN, see kept_tins; 0 is an institutional line without a TIN, 1 a TIN that has no key.",
        ),
        Column("bene_key", Kind.INTEGER, "Beneficiary, see kept_people."),
        Column("day", Kind.INTEGER, "First day of the dates that no rule tells apart, in days from Jan 1."),
        Column("seen_snapshot", Kind.INTEGER, "First snapshot that sees the lines."),
        Column("line_count", Kind.INTEGER, "Lines that stand; negative where they fell away.", unit="lines"),
        Column("line_cents", Kind.INTEGER, "Their amounts, of every kind of service.", unit="cents"),
        Column("cps_count", Kind.INTEGER, "Covered professional services.", unit="lines"),
        Column("cps_cents", Kind.INTEGER, "Amounts of covered professional services.", unit="cents"),
        Column("rural_count", Kind.INTEGER, "RHC and FQHC services.", unit="lines"),
        Column(
            "em_0_count",
            Kind.INTEGER,
            "E/M services of the default code set; further sets in use follow as em_1_count and so on, by name.",
            unit="lines",
        ),
    ),
)

KEPT_SERVICE_DAYS = Table(
    name="kept_service_days",
    grain="One row per clinician, TIN, beneficiary and month, or stretch of a month that no rule tells apart "
    "(cells/service_days.parquet). Only what some snapshot sees.",
    is_output=True,
    keys=("clinician_key", "tin_key", "bene_key", "day"),
    columns=(
        *KEPT_CELLS.columns[:3],
        Column("day", Kind.INTEGER, "First day of the month or stretch, in days from Jan 1."),
        KEPT_CELLS.column("cps_cents"),
        Column("cps_days", Kind.INTEGER, "Dates with a covered professional service that stands.", unit="days"),
        Column(
            "em_0_days",
            Kind.INTEGER,
            "Dates with an E/M service of the default code set; further sets in use follow as em_1_days and so on.",
            unit="days",
        ),
    ),
)

KEPT_PROCESSING = Table(
    name="kept_processing",
    grain="One row per service date and processing date of the claims, of whoever billed them "
    "(cells/processing.parquet).",
    is_output=True,
    keys=("service_date", "processed_date"),
    columns=(
        Column("service_date", Kind.DATE, "Date of service, up to the newest snapshot."),
        Column("processed_date", Kind.DATE, "When the claims were processed."),
        Column("line_count", Kind.INTEGER, "Original lines that were not denied.", unit="lines"),
    ),
)

KEPT_PEOPLE = Table(
    name="kept_people",
    grain="One row per beneficiary of the claims, the beneficiaries and the attribution lists (cells/people.parquet).",
    is_output=True,
    keys=("bene_key",),
    columns=(
        Column("bene_key", Kind.INTEGER, "Beneficiary, in the other kept tables."),
        Column("bene_id", Kind.TEXT, "Beneficiary."),
        *(
            Column(f"{criterion}_{snapshot}", Kind.BOOLEAN, f"{meaning} Snapshot {snapshot}.", null_means="not known")
            for criterion, meaning in (
                ("has_enrollment_record", "Has a coverage record."),
                ("is_not_managed_care", "Not in Medicare Advantage or a cost plan."),
                ("is_not_medicare_secondary", "Medicare is not secondary payer."),
                ("has_part_a_and_b", "Has Part A and Part B."),
                ("is_at_least_18", "Is at least 18 years of age."),
                ("is_us_resident", "Is a United States resident."),
            )
            for snapshot in (1, 2, 3)
        ),
    ),
)

KEPT_CLINICIANS = Table(
    name="kept_clinicians",
    grain="One row per clinician of the lists, or of the claims with --keep-cells all (cells/clinicians.parquet).",
    is_output=True,
    keys=("clinician_key",),
    columns=(
        Column("clinician_key", Kind.INTEGER, "Clinician, in the other kept tables."),
        Column("npi", Kind.NPI, "Clinician."),
    ),
)

KEPT_TINS = Table(
    name="kept_tins",
    grain="One row per TIN of the lists, or of the claims with --keep-cells all (cells/tins.parquet).",
    is_output=True,
    keys=("tin_key",),
    columns=(
        Column("tin_key", Kind.INTEGER, "TIN, in the other kept tables; from 2 on."),
        Column("tin", Kind.TIN, "TIN."),
    ),
)

KEPT_PAIRS = Table(
    name="kept_pairs",
    grain="One row per clinician and TIN that share a cell (cells/pairs.parquet).",
    is_output=True,
    keys=("clinician_key", "tin_key"),
    columns=KEPT_CELLS.columns[:2],
)

KEPT_ATTRIBUTION = Table(
    name="kept_attribution",
    grain="One row per attributed beneficiary and span as it was read (cells/attribution.parquet).",
    is_output=True,
    keys=("apm_entity_id", "bene_key"),
    columns=tuple(KEPT_CELLS.column("bene_key") if c.name == "bene_id" else c for c in ATTRIBUTION.columns),
)

KEPT_SUMS = Table(
    name="kept_sums",
    grain="One row per assessed group of clinicians with a line (cells/sums.parquet); for each basis and snapshot "
    "numerators and denominators, in cents and beneficiaries, as payment_numerator_em_1 and so on.",
    is_output=True,
    keys=("level", "apm_entity_id", "npi"),
    columns=(
        Column("level", Kind.CHOICE, "Level of the assessment.", choices=tuple(Level)),
        Column("apm_entity_id", Kind.TEXT, "APM Entity.", null_means="an individual across entities"),
        Column("npi", Kind.NPI, "Clinician.", null_means="the group of an APM Entity"),
    ),
)
