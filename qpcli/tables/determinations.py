"""One row per clinician and snapshot from the first at which the clinician is listed."""

from qpcli.tables.schema import Column, Kind, Table
from qpcli.terms import Level, Method, MipsConsequence, QpOption, QpStatus, ServiceBasis

_NOTHING = "nothing was determined"

DETERMINATIONS = Table(
    name="determinations",
    grain="One row per clinician (NPI) and snapshot, from the first snapshot at which the clinician is listed.",
    is_output=True,
    keys=("performance_year", "npi", "snapshot"),
    columns=(
        Column("performance_year", Kind.INTEGER, "Performance year."),
        Column("npi", Kind.NPI, "Clinician; the status holds across all TINs."),
        Column("snapshot", Kind.INTEGER, "Snapshot 1 to 3; 4 for a clinician first listed after Aug 31."),
        Column("is_latest", Kind.BOOLEAN, "The clinician's newest row."),
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
            "score",
            Kind.SCORE,
            "The deciding Threshold Score.",
            unit="percent",
            null_means=f"{_NOTHING}, or hidden by --share",
        ),
        Column(
            "threshold",
            Kind.INTEGER,
            "The bar that was met; for NOT_QP the Partial QP bar.",
            unit="percent",
            null_means=_NOTHING,
        ),
        Column(
            "apm_entity_count",
            Kind.INTEGER,
            "Entities that count on whose list the clinician was so far; 0 at snapshot 4.",
            unit="entities",
        ),
        Column("mips_consequence", Kind.CHOICE, "What the status means for MIPS.", choices=tuple(MipsConsequence)),
        Column(
            "is_mips_apm_participant",
            Kind.BOOLEAN,
            "Not QP and on a Participation List of an entity in a MIPS APM.",
        ),
        Column(
            "determined_by_option",
            Kind.CHOICE,
            "Medicare Option or All-Payer Combination Option.",
            choices=tuple(QpOption),
            null_means=_NOTHING,
        ),
    ),
)
