"""What became of rows and codes of outside layouts."""

from qpcli.findings.entry import FindingEntry, Severity

OUTSIDE_ROWS = (
    FindingEntry(
        "unknown_code",
        Severity.WARNING,
        "{count} lines ({amount} USD) have an unknown {rule}; they are treated as {treatment}.",
        "Check the code list.",
    ),
    FindingEntry(
        "replaced_lines",
        Severity.INFO,
        "{table}: {count} rows were replaced or removed by a later row ({rule}).",
        "Nothing.",
    ),
    FindingEntry(
        "mended_values",
        Severity.INFO,
        "{table}: {count} values of {rule} had a hyphen or the end of a decimal number; it was taken off.",
        "Export the column as text.",
    ),
    FindingEntry(
        "lines_not_used",
        Severity.INFO,
        "{count} outpatient lines are of no RHC, FQHC or CAH method II and were left out (by {rule}).",
        "Nothing.",
    ),
    FindingEntry(
        "shared_mbi",
        Severity.WARNING,
        "{count} MBIs stand under several BENE_IDs; they are not merged.",
        "Check the beneficiary file.",
    ),
    FindingEntry(
        "managed_care_paid", Severity.INFO, "{count} lines were paid by a managed care plan and left out.", "Nothing."
    ),
    FindingEntry(
        "two_npis",
        Severity.INFO,
        "{count} lines have different rendering NPIs on the claim and in PECOS; the {used} NPI was used.",
        "--assume rendering_npi=pecos takes the other.",
    ),
    FindingEntry(
        "cancellation_differs",
        Severity.WARNING,
        "{count} cancellations have another code, clinician or tax number than the line they cancel.",
        "Check the deliveries: such a pair does not cancel out.",
    ),
    FindingEntry(
        "mbi_loop",
        Severity.WARNING,
        "{count} MBIs map to each other in a circle; they are left as they are.",
        "Check CCLF9.",
    ),
    FindingEntry(
        "institutional_amounts_unreliable",
        Severity.WARNING,
        "Line payments of {count} institutional claims do not add up to the claim ({amount} USD); they count no "
        "dollars.",
        "Nothing: the lines' payments cannot be trusted.",
    ),
    FindingEntry(
        "rows_left_out",
        Severity.INFO,
        "{table}: {count} rows were left out: {rule}.",
        "Nothing, if that is so.",
    ),
    FindingEntry(
        "counted_for_record",
        Severity.INFO,
        "{table}: {count} rows: {rule}.",
        "Nothing.",
    ),
    FindingEntry(
        "left_out_line_code",
        Severity.INFO,
        "Line code {rule} is not taken as allowed: {count} lines, {amount} USD.",
        "--assume allowed_line_codes=... takes it in.",
    ),
)
