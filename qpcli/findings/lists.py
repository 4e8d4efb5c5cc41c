"""Who is listed, by which list, and who counts."""

from qpcli.findings.entry import FindingEntry, Severity

LISTS = (
    FindingEntry(
        "entities_assumed_advanced",
        Severity.WARNING,
        "No entities file: every APM Entity is taken as Advanced and active all year.",
        "Give --entities.",
    ),
    FindingEntry(
        "entity_not_advanced",
        Severity.WARNING,
        "APM Entity {rule} does not count: its APM is not an Advanced APM.",
        "None, if that is so.",
    ),
    FindingEntry(
        "apm_known_not_advanced",
        Severity.WARNING,
        "APM Entity {rule} counts as Advanced, but {apm} is not an Advanced APM in {year}.",
        "Set is_advanced to false, or correct apm_id; `qpcli apms` says where that comes from.",
    ),
    FindingEntry(
        "entity_not_tested",
        Severity.WARNING,
        "APM Entity {rule} does not count at snapshot {snapshot}: its "
        "APM was actively tested {count} days, {needed} are needed.",
        "Check active_from and active_to.",
    ),
    FindingEntry(
        "entity_terminated",
        Severity.WARNING,
        "APM Entity {rule} gives nobody a status: it was terminated on {date}.",
        "Check terminated_on and bears_risk.",
    ),
    FindingEntry(
        "affiliated_ignored",
        Severity.WARNING,
        "{count} Affiliated Practitioner entries of APM Entity {rule} are ignored: it has a Participation List.",
        "Check list_type.",
    ),
    FindingEntry(
        "attribution_without_participants",
        Severity.INFO,
        "{count} APM Entities of the attribution list have no participants.",
        "None, if other entities' lists are given for exclusive attribution.",
    ),
    FindingEntry(
        "tin_only_list",
        Severity.WARNING,
        "The participant list has no NPIs; the group is every NPI billing under its TINs, which counts too many.",
        "Give a list with NPIs.",
    ),
    FindingEntry(
        "list_without_dates",
        Severity.WARNING,
        "The participant list has no dates; it is taken as valid on {date} only.",
        "Give a list with start and end dates.",
    ),
    FindingEntry(
        "preferred_left_out",
        Severity.INFO,
        "{count} preferred provider rows are not on the Participation List and were left out.",
        "--assume reach_preferred=include takes them in.",
    ),
    FindingEntry(
        "list_in_force", Severity.INFO, "Snapshot {rule} uses the list {file}.", "Check that it is the list you mean."
    ),
    FindingEntry(
        "list_stands_in",
        Severity.WARNING,
        "Snapshot {rule} has no list of its own for {entity}; the {list} list stands in.",
        "Give the list that is in force on the snapshot date.",
    ),
    FindingEntry(
        "list_missing",
        Severity.WARNING,
        "No attribution list of {entity} is in force at snapshot {rule}: nobody is attributed to it there.",
        "Give the list, or a canonical attribution file.",
    ),
    FindingEntry(
        "list_not_used",
        Severity.INFO,
        "The list {file} attributes nobody: {why}.",
        "Nothing, if another list is meant.",
    ),
)
