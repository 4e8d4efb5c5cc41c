"""One row per clinician, TIN, beneficiary, stretch of dates and snapshot that first sees the lines."""

from qpcli.tables.schema import Column, Kind, Table

CELLS = Table(
    name="cells",
    grain="One row per clinician, TIN, beneficiary, stretch of dates and snapshot that first sees the lines. "
    "Patient data: written only with --keep-cells. Rows of a snapshot add to those of the snapshots before.",
    is_output=True,
    keys=("npi", "tin", "bene_id", "stretch_start", "snapshot"),
    columns=(
        Column("npi", Kind.NPI, "Clinician."),
        Column("tin", Kind.TIN, "Listed TIN.", null_means="an unlisted TIN, or an institutional line without one"),
        Column("has_unlisted_tin", Kind.BOOLEAN, "Billed under a TIN that no list names."),
        Column("bene_id", Kind.TEXT, "Beneficiary."),
        Column("stretch_start", Kind.DATE, "First day of the dates that no rule tells apart."),
        Column("snapshot", Kind.INTEGER, "First snapshot that sees the lines."),
        Column("line_count", Kind.INTEGER, "Lines that stand; negative where they fell away.", unit="lines"),
        Column("line_amount", Kind.MONEY, "Their dollars, of every kind of service.", unit="USD"),
        Column("cps_count", Kind.INTEGER, "Covered professional services.", unit="lines"),
        Column("cps_amount", Kind.MONEY, "Dollars of covered professional services.", unit="USD"),
        Column("rural_count", Kind.INTEGER, "RHC and FQHC services.", unit="lines"),
        Column("em_count", Kind.INTEGER, "E/M services of the default code set.", unit="lines"),
    ),
)
