"""Who is attribution-eligible and attributed, and scores that net to nothing of use."""

from qpcli.findings.entry import FindingEntry, Severity

BENEFICIARIES = (
    FindingEntry(
        "no_beneficiary_row",
        Severity.WARNING,
        "{count} people have claims and no beneficiary row; they fail every criterion that needs one.",
        "Complete the beneficiaries file.",
    ),
    FindingEntry(
        "unknown_facts",
        Severity.WARNING,
        "{count} people are lost because {rule} is unknown.",
        "Complete the beneficiaries file.",
    ),
    FindingEntry(
        "attributed_not_eligible",
        Severity.INFO,
        "Of {count} people attributed to APM Entity {rule} some fail a criterion: {told}.",
        "Nothing, if the facts are right: they count in no score.",
    ),
    FindingEntry(
        "own_beneficiary_removed",
        Severity.WARNING,
        "{count} people on the attribution list of APM Entity {rule} are removed: prospectively attributed to another.",
        "Check the attribution lists.",
    ),
    FindingEntry(
        "negative_denominator",
        Severity.WARNING,
        "{count} payment denominators net below 0; no status comes from them.",
        "Check for missing originals.",
    ),
    FindingEntry(
        "score_out_of_range",
        Severity.WARNING,
        "{count} payment scores lie below 0 or above 100 because dollars net below 0.",
        "Check for missing originals.",
    ),
)
