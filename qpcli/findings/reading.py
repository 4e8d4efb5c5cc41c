"""What reading the inputs found."""

from qpcli.findings.entry import FindingEntry, Severity

READING = (
    FindingEntry(
        "rejected_rows",
        Severity.WARNING,
        "{table}: {count} rows break the rule {rule} and were left out.",
        "Mend the rows; --rejects DIR writes them out.",
    ),
    FindingEntry(
        "unknown_columns",
        Severity.INFO,
        "{table}: columns not used: {columns}.",
        "Map them in [columns] of qpcli.toml if they are meant.",
    ),
    FindingEntry(
        "no_rows",
        Severity.WARNING,
        "{table}: the input has a header and no rows.",
        "Check that the right file was given.",
    ),
    FindingEntry(
        "duplicate_lines",
        Severity.INFO,
        "{count} claim lines were delivered more than once; each counts once.",
        "Nothing: overlapping deliveries are normal.",
    ),
    FindingEntry(
        "zero_filled",
        Severity.INFO,
        "{table}: {count} values of {rule} had lost leading zeros; they were filled.",
        "Export the column as text.",
    ),
    FindingEntry(
        "odd_form",
        Severity.WARNING,
        "{table}: {count} values of {rule} are not of the expected form and match no list.",
        "Check the column.",
    ),
    FindingEntry(
        "npi_check_digit",
        Severity.WARNING,
        "{table}: {count} values of {rule} fail the check digit of an NPI; they count all the same.",
        "Check the column.",
    ),
    FindingEntry(
        "exact_floats",
        Severity.INFO,
        "{table}: {count} amounts of {rule} were binary floats, exact to the cent.",
        "Store amounts as decimals.",
    ),
    FindingEntry(
        "blank_values",
        Severity.INFO,
        "claim_lines: {count} lines have a blank {rule}.",
        "Check the extract: such lines belong to nobody or are no service.",
    ),
    FindingEntry(
        "no_processed_date",
        Severity.WARNING,
        "claim_lines: {count} lines have no processed_date; they pass the run-out test.",
        "Add the processing date; late claims cannot be told from early ones.",
    ),
    FindingEntry(
        "facts_disagree",
        Severity.WARNING,
        "beneficiaries: {count} people have several values of {rule}; the earliest counts.",
        "Mend the file.",
    ),
    FindingEntry(
        "ids_do_not_join",
        Severity.ERROR,
        "No beneficiary id of {table} occurs in the claims; encrypted ids cannot be joined to MBIs.",
        "Use files with the same kind of id.",
    ),
    FindingEntry(
        "no_tin",
        Severity.ERROR,
        "{layout} has no tax numbers in {count} of {total} lines; entity scores cannot be computed.",
        "Obtain the extract with tax numbers.",
    ),
)
