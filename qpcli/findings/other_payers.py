"""What other payers' submissions lack and which of them count."""

from qpcli.findings.entry import FindingEntry, Severity

OTHER_PAYERS = (
    FindingEntry(
        "other_payer_repeated",
        Severity.INFO,
        "other_payer: {count} rows repeat an earlier row in every column; each submission counts once.",
        "Nothing, if a file was delivered twice.",
    ),
    FindingEntry(
        "other_payer_excluded",
        Severity.INFO,
        "other_payer: {count} submissions of payer type {rule} are excluded: its payments never count.",
        "None: the law excludes the Departments of Defense and Veterans Affairs (42 CFR 414.1440(a)).",
    ),
    FindingEntry(
        "medicaid_unavailable",
        Severity.INFO,
        "other_payer: {count} Medicaid submissions are excluded: no Medicaid APM or Medical Home Model is available.",
        "Check medicaid_available: the county where the clinician sees most patients, and the specialty.",
    ),
    FindingEntry(
        "other_payer_incomplete",
        Severity.WARNING,
        "other_payer: {count} submissions that count have a blank {rule}; the method cannot be used with them.",
        "Submit numerator and denominator of the method, 0 where there were none.",
    ),
    FindingEntry(
        "other_payer_missing_at_snapshot",
        Severity.WARNING,
        "other_payer: {count} payers submitted for a subject at an earlier snapshot are missing at snapshot "
        "{rule}; its all-payer score lacks them.",
        "Submit every payer at every snapshot that has any: amounts run from Jan 1.",
    ),
    FindingEntry(
        "all_payer_unknown_subject",
        Severity.WARNING,
        "other_payer: {count} subjects of level {rule} are on no list and get no all-payer score.",
        "Check subject_id; the table all_payer_scores shows them (not_assessed_because).",
    ),
    FindingEntry(
        "all_payer_level_does_not_apply",
        Severity.WARNING,
        "other_payer: {count} subjects of level {rule} have Affiliated Practitioners only, who are assessed at the "
        "level npi alone.",
        "Submit for each clinician at the level npi.",
    ),
    FindingEntry(
        "all_payer_tin_refused",
        Severity.WARNING,
        "other_payer: {count} TINs are refused at snapshot {rule}: not all who are listed under them or billed "
        "under them are in one APM Entity.",
        "Submit by APM Entity or clinician; where leavers bill on, see the open point all_payer_tin_clinicians.",
    ),
    FindingEntry(
        "all_payer_no_medicare_score",
        Severity.WARNING,
        "other_payer: {count} subjects of level {rule} have no Medicare score at a snapshot that was submitted.",
        "Check whether their APM Entity counts and lists them at the snapshot.",
    ),
    FindingEntry(
        "all_payer_not_needed",
        Severity.INFO,
        "other_payer: {count} subjects of level {rule} have QP status by the Medicare Option alone at a snapshot; "
        "other payers are not needed.",
        "None.",
    ),
    FindingEntry(
        "all_payer_below_minimum",
        Severity.INFO,
        "other_payer: {count} subjects of level {rule} lie below the Medicare minimum of Partial QP at a snapshot; "
        "other payers cannot help them.",
        "None: see `qpcli rules` for the minimum.",
    ),
)
