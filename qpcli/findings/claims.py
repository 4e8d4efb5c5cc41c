"""What the claims can say and what they lack."""

from qpcli.findings.entry import FindingEntry, Severity

CLAIMS = (
    FindingEntry(
        "claims_incomplete",
        Severity.WARNING,
        "The newest service date is {date}, before snapshot {rule} ends on {until}; claims are missing.",
        "Run again with newer claims.",
    ),
    FindingEntry(
        "run_out_incomplete",
        Severity.WARNING,
        "The newest processing date is {date}, before the run-out cut-off "
        "{cutoff} of snapshot {rule}; late claims are missing.",
        "Run again with newer claims.",
    ),
    FindingEntry(
        "run_out_final_action",
        Severity.WARNING,
        "{layout} keeps final versions only; claims changed after the cut-off {cutoff} are counted as changed.",
        "Use a layout that keeps cancelled versions.",
    ),
    FindingEntry(
        "orphan_cancellation",
        Severity.WARNING,
        "{count} cancellations have no original in the deliveries given; earlier deliveries may be missing.",
        "Add the earlier deliveries.",
    ),
    FindingEntry(
        "net_count_above_one",
        Severity.WARNING,
        "{count} lines have two standing versions without a cancellation between them.",
        "Add the missing deliveries.",
    ),
    FindingEntry(
        "off_list_tin",
        Severity.INFO,
        "{count} lines ({amount} USD) of listed NPIs were billed under TINs that are not listed.",
        "Check whether the TINs belong on the Participation List.",
    ),
    FindingEntry(
        "off_list_pair",
        Severity.INFO,
        "{count} lines ({amount} USD) of listed NPIs were billed under listed TINs that no list pairs with them.",
        "Check whether the pairs belong on the Participation List.",
    ),
)
