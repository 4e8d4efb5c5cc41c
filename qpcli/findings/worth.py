"""What QP status is worth."""

from qpcli.findings.entry import FindingEntry, Severity

WORTH = (
    FindingEntry(
        "no_lump_sum",
        Severity.INFO,
        "Payment year {year} has no APM Incentive Payment: {authority} gives none.",
        "Nothing: the law gives none in that year.",
    ),
    FindingEntry(
        "other_payment_year",
        Severity.WARNING,
        "Payment year {year} is not the one of performance year {performance_year}, which is {due}.",
        "Leave out --payment-year, unless you mean to ask what if.",
    ),
    FindingEntry(
        "base_claims_incomplete",
        Severity.WARNING,
        "The newest service date of the base claims is {date}, before the base period ends on {until}.",
        "Run again with newer claims: base amounts are too low.",
    ),
    FindingEntry(
        "base_run_out_incomplete",
        Severity.WARNING,
        "The newest processing date of the base claims is {date}; claims processed by {cutoff} count.",
        "Run again with newer claims: base amounts are too low.",
    ),
    FindingEntry(
        "base_own_people_only",
        Severity.WARNING,
        "Base claims from {layout} cover only people in this ACO's own feed: base amounts are a lower bound.",
        "Use claims of all fee-for-service people (RIF), or CMS's own amounts with --base-amounts.",
    ),
    FindingEntry(
        "base_adjustments_inside",
        Severity.WARNING,
        "Payments in {layout} are those after each clinician's MIPS adjustment and bonuses, and do not say how much "
        "these were. CMS takes them out of the base and qpcli cannot: where they raised payments the lump sum shown "
        "is too high, where they cut payments it is too low.",
        "Use CMS's own amounts with --base-amounts, or canonical claims with excluded_amount.",
    ),
    FindingEntry(
        "qps_without_base",
        Severity.WARNING,
        "{count} of {total} QPs have no base amount.",
        "Check that the claims or amounts are those of the base year.",
    ),
    FindingEntry(
        "negative_base",
        Severity.WARNING,
        "{count} QPs have a base amount below 0; they have no lump sum.",
        "Check for missing originals.",
    ),
    FindingEntry(
        "recipients_not_listed",
        Severity.WARNING,
        "The lump sums of {count} QPs are shown at the TINs that billed in the base year (step 7 of 42 CFR "
        "414.1450(c)): no Participation List of the performance year names a TIN for them.",
        "Give --participants. Steps 2 to 6, lists of the base year, are not looked at.",
    ),
)
