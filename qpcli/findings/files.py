"""Which files were read as what, and whether deliveries are whole."""

from qpcli.findings.entry import FindingEntry, Severity

FILES = (
    FindingEntry(
        "layout_recognised", Severity.INFO, "{files} read as {layout}, {why}.", "Give --layout if that is wrong."
    ),
    FindingEntry(
        "unrecognised_file",
        Severity.WARNING,
        "{file} has no known name, header or record length and was not read.",
        "Check the file.",
    ),
    FindingEntry(
        "file_not_used", Severity.INFO, "{file} is a {layout} file and holds nothing for a QP score.", "Nothing."
    ),
    FindingEntry(
        "several_acos",
        Severity.WARNING,
        "The CCLF deliveries are those of several ACOs: {acos}.",
        "Check that the folder holds the ACO you mean.",
    ),
    FindingEntry(
        "delivery_gap",
        Severity.WARNING,
        "No delivery between {first} and {second}.",
        "Add the missing months: claims are lost.",
    ),
    FindingEntry(
        "row_count_mismatch",
        Severity.ERROR,
        "CCLF0 lists {listed} rows for {file}, {read} were read.",
        "Deliver the file again.",
    ),
    FindingEntry(
        "row_counts_missing",
        Severity.WARNING,
        "{file} lists no row count for {count} files of its delivery; nothing tells whether they are complete.",
        "Check the delivery.",
    ),
    FindingEntry(
        "record_length_mismatch",
        Severity.WARNING,
        "CCLF0 gives record length {listed} for {file}, its lines have {read}.",
        "Check the delivery.",
    ),
    FindingEntry(
        "short_lines",
        Severity.WARNING,
        "{count} lines of {file} are shorter than {length} characters.",
        "Check the delivery.",
    ),
)
