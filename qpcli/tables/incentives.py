"""What QP status is worth: one row per QP, per QP and TIN, and per TIN."""

from qpcli.tables.schema import Column, Kind, Table

_YEARS = (
    Column("performance_year", Kind.INTEGER, "Performance year of the QP status."),
    Column("payment_year", Kind.INTEGER, "Year in which the status is worth something."),
)
_BASE = Column("base_amount", Kind.MONEY, "Covered professional services of the base year, as paid.", unit="USD")
_FEE_SCHEDULE = Column(
    "fee_schedule_amount",
    Kind.MONEY,
    "What the base amount brings more at the conversion factor of QPs: an estimate for the payment year.",
    unit="USD",
    null_means="the fee schedule pays QPs and others alike in the payment year",
)

NPI_INCENTIVES = Table(
    name="npi_incentives",
    grain="One row per QP (NPI), over all TINs.",
    is_output=True,
    keys=("performance_year", "payment_year", "npi"),
    columns=(
        *_YEARS,
        Column("npi", Kind.NPI, "Clinician with QP status."),
        Column(
            "apm_entity_id",
            Kind.TEXT,
            "APM Entity through which the status was reached.",
            null_means="reached by an individual result",
        ),
        Column("tin_count", Kind.INTEGER, "TINs under which the clinician billed in the base year.", unit="TINs"),
        _BASE,
        Column("lump_sum_percent", Kind.SCORE, "APM Incentive Payment in percent of the base amount.", unit="percent"),
        Column("incentive_amount", Kind.MONEY, "APM Incentive Payment; 0 where the base is below 0.", unit="USD"),
        _FEE_SCHEDULE,
    ),
)

NPI_TIN_INCENTIVES = Table(
    name="npi_tin_incentives",
    grain="One row per QP and TIN under which the QP billed in the base year or to which the incentive is paid.",
    is_output=True,
    keys=("performance_year", "payment_year", "npi", "tin"),
    columns=(
        *_YEARS,
        Column("npi", Kind.NPI, "Clinician with QP status."),
        Column("tin", Kind.TIN, "Billing or listed TIN.", null_means="billed under no known TIN"),
        _BASE,
        Column(
            "recipient_step",
            Kind.INTEGER,
            "Step of 42 CFR 414.1450(c) at which this TIN is paid: 1 listed by the APM Entity in the QP Performance "
            "Period, 7 billed in the base year, 8 no TIN is known.",
            null_means="other TINs are paid",
        ),
        Column("incentive_amount", Kind.MONEY, "Share of the clinician's APM Incentive Payment.", unit="USD"),
        _FEE_SCHEDULE,
    ),
)

TIN_INCENTIVES = Table(
    name="tin_incentives",
    grain="One row per TIN.",
    is_output=True,
    keys=("performance_year", "payment_year", "tin"),
    columns=(
        *_YEARS,
        Column("tin", Kind.TIN, "Billing or listed TIN.", null_means="billed under no known TIN"),
        Column("qp_count", Kind.INTEGER, "QPs who billed under it or for whom it is paid.", unit="clinicians"),
        _BASE,
        Column("incentive_amount", Kind.MONEY, "Its shares of APM Incentive Payments.", unit="USD"),
        _FEE_SCHEDULE,
    ),
)
