"""One row per finding of a run; counts only, no value of a beneficiary or clinician."""

from qpcli.tables.schema import Column, Kind, Table

FINDINGS = Table(
    name="findings",
    grain="One row per finding, table and rule.",
    is_output=True,
    keys=("severity", "code", "table", "rule"),
    columns=(
        Column("code", Kind.TEXT, "Code of the finding; `qpcli codes CODE` tells more."),
        Column(
            "severity",
            Kind.CHOICE,
            "error: the result is wrong until mended; warning: may mislead; info: counted for the record.",
            choices=("error", "warning", "info"),
        ),
        Column("table", Kind.TEXT, "Table the finding is about.", null_means="the whole run"),
        Column("rule", Kind.TEXT, "Rule, column or snapshot concerned.", null_means="the code says it all"),
        Column("count", Kind.INTEGER, "How many.", null_means="not a count"),
        Column("message", Kind.TEXT, "The finding in words."),
    ),
)
