"""What an outside layout cannot tell."""

from qpcli.findings.entry import FindingEntry, Severity

LAYOUTS = (
    FindingEntry(
        "own_people_only",
        Severity.WARNING,
        "Claims from {layout} cover only people in this ACO's own feed. Payments and patients of other "
        "attribution-eligible people are missing: the denominator is a lower bound and the score is an upper "
        "bound. Do not read it as CMS's score.",
        "Use claims of all fee-for-service people (RIF) for a score like CMS's.",
    ),
    FindingEntry(
        "denominator_is_attributed",
        Severity.WARNING,
        "APM Entity {rule}: {share} % of the people in the denominator are attributed (limit 95 %). The data hold "
        "almost only attributed people: the score carries no information.",
        "Use claims of all people whom the clinicians serve.",
    ),
    FindingEntry(
        "assignable_only",
        Severity.WARNING,
        "The denominator is limited to assignable people; people seen only by specialists are missing.",
        "Use claims of all people whom the clinicians serve.",
    ),
    FindingEntry(
        "managed_care_unknown",
        Severity.WARNING,
        "{layout} has no Medicare Advantage or cost plan months; having fee-for-service claims is taken as not "
        "enrolled.",
        "Give canonical beneficiaries if you know more.",
    ),
    FindingEntry(
        "coverage_ends_unknown",
        Severity.WARNING,
        "{layout} has no end dates of Part A and Part B; loss of coverage before the snapshot is not visible.",
        "Give canonical beneficiaries if you know more.",
    ),
    FindingEntry(
        "msp_from_lines",
        Severity.WARNING,
        "Medicare as secondary payer is judged from claim lines only ({count} people).",
        "Give canonical beneficiaries if you know more.",
    ),
    FindingEntry(
        "part_c_contract_without_hmo",
        Severity.WARNING,
        "{count} beneficiary months have a Part C contract and no managed care indicator.",
        "Check the enrollment file.",
    ),
    FindingEntry(
        "reductions_missing",
        Severity.WARNING,
        "Paid amounts in {layout} may be reduced by capitation or population-based payment and no reduction "
        "amounts were given; payment scores of participating clinicians are too low.",
        "Add the files with the reductions (CCLFB; of REACH also TPARC).",
    ),
    FindingEntry(
        "opted_out",
        Severity.WARNING,
        "{count} people on the assignment list have no row in CCLF8 (opted out of data sharing or not delivered).",
        "Nothing: their claims cannot be had.",
    ),
    FindingEntry(
        "enrollment_flags_used",
        Severity.INFO,
        "{count} months of people that {layout} leaves open have Part A and Part B as the enrollment flags of the "
        "assignment lists tell.",
        "Nothing; --assume assignment_enrollment_flags=not_used leaves them open.",
    ),
    FindingEntry(
        "substance_use_suppressed", Severity.INFO, "Substance-use claims are suppressed in {layout}.", "Nothing."
    ),
    FindingEntry(
        "model_data_not_final",
        Severity.INFO,
        "{layout} files are not final until the model has ended; the newest replaces the others.",
        "Nothing.",
    ),
)
