"""The one catalogue of findings: what a run counted or doubts, with severity, words and remedy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Severity(StrEnum):
    """error: wrong until mended; warning: may mislead; info: counted for the record."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class FindingEntry:
    """A kind of finding; `words` has braces that a run fills in with counts, never with a person's value."""

    code: str
    severity: Severity
    words: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of a run.

    `words` are those that the message was made with; a finding read back from a report has none.
    """

    code: str
    message: str
    table: str | None = None
    rule: str | None = None
    count: int | None = None
    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), compare=False)

    @property
    def severity(self) -> Severity:
        return FINDINGS_CATALOGUE[self.code].severity


def finding(
    code: str, *, table: str | None = None, rule: str | None = None, count: int | None = None, **words: object
) -> Finding:
    """A finding of the catalogue with its words filled in; KeyError for an unknown code or a missing word."""
    entry = FINDINGS_CATALOGUE[code]
    shown = f"{count:,}" if count is not None else ""
    message = entry.words.format(count=shown, table=table, rule=rule, **words)
    return Finding(code, message, table, rule, count, {name: str(word) for name, word in words.items()})


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

FINDINGS_CATALOGUE: dict[str, FindingEntry] = {
    entry.code: entry
    for entry in (
        # What was read
        FindingEntry(
            "rejected_rows",
            _W,
            "{table}: {count} rows break the rule {rule} and were left out.",
            "Mend the rows; --rejects DIR writes them out.",
        ),
        FindingEntry(
            "unknown_columns",
            _I,
            "{table}: columns not used: {columns}.",
            "Map them in [columns] of qpcli.toml if they are meant.",
        ),
        FindingEntry(
            "no_rows", _W, "{table}: the input has a header and no rows.", "Check that the right file was given."
        ),
        FindingEntry(
            "duplicate_lines",
            _I,
            "{count} claim lines were delivered more than once; each counts once.",
            "Nothing: overlapping deliveries are normal.",
        ),
        FindingEntry(
            "zero_filled",
            _I,
            "{table}: {count} values of {rule} had lost leading zeros; they were filled.",
            "Export the column as text.",
        ),
        FindingEntry(
            "odd_form",
            _W,
            "{table}: {count} values of {rule} are not of the expected form and match no list.",
            "Check the column.",
        ),
        FindingEntry(
            "npi_check_digit",
            _W,
            "{table}: {count} values of {rule} fail the check digit of an NPI; they count all the same.",
            "Check the column.",
        ),
        FindingEntry(
            "exact_floats",
            _I,
            "{table}: {count} amounts of {rule} were binary floats, exact to the cent.",
            "Store amounts as decimals.",
        ),
        FindingEntry(
            "blank_values",
            _I,
            "claim_lines: {count} lines have a blank {rule}.",
            "Check the extract: such lines belong to nobody or are no service.",
        ),
        FindingEntry(
            "no_processed_date",
            _W,
            "claim_lines: {count} lines have no processed_date; they pass the run-out test.",
            "Add the processing date; late claims cannot be told from early ones.",
        ),
        FindingEntry(
            "facts_disagree",
            _W,
            "beneficiaries: {count} people have several values of {rule}; the earliest counts.",
            "Mend the file.",
        ),
        FindingEntry(
            "ids_do_not_join",
            _E,
            "No beneficiary id of {table} occurs in the claims; encrypted ids cannot be joined to MBIs.",
            "Use files with the same kind of id.",
        ),
        FindingEntry(
            "no_tin",
            _E,
            "{layout} has no tax numbers in {count} of {total} lines; entity scores cannot be computed.",
            "Obtain the extract with tax numbers.",
        ),
        # What the claims can say
        FindingEntry(
            "claims_incomplete",
            _W,
            "The newest service date is {date}, before snapshot {rule} ends on {until}; claims are missing.",
            "Run again with newer claims.",
        ),
        FindingEntry(
            "run_out_incomplete",
            _W,
            "The newest processing date is {date}, before the run-out cut-off "
            "{cutoff} of snapshot {rule}; late claims are missing.",
            "Run again with newer claims.",
        ),
        FindingEntry(
            "run_out_final_action",
            _W,
            "{layout} keeps final versions only; claims changed after the cut-off {cutoff} are counted as changed.",
            "Use a layout that keeps cancelled versions.",
        ),
        FindingEntry(
            "orphan_cancellation",
            _W,
            "{count} cancellations have no original in the deliveries given; earlier deliveries may be missing.",
            "Add the earlier deliveries.",
        ),
        FindingEntry(
            "net_count_above_one",
            _W,
            "{count} lines have two standing versions without a cancellation between them.",
            "Add the missing deliveries.",
        ),
        FindingEntry(
            "off_list_tin",
            _I,
            "{count} lines ({amount} USD) of listed NPIs were billed under TINs that are not listed.",
            "Check whether the TINs belong on the Participation List.",
        ),
        FindingEntry(
            "off_list_pair",
            _I,
            "{count} lines ({amount} USD) of listed NPIs were billed under listed TINs that no list pairs with them.",
            "Check whether the pairs belong on the Participation List.",
        ),
        # Who is listed and who counts
        FindingEntry(
            "entities_assumed_advanced",
            _W,
            "No entities file: every APM Entity is taken as Advanced and active all year.",
            "Give --entities.",
        ),
        FindingEntry(
            "entity_not_advanced",
            _W,
            "APM Entity {rule} does not count: its APM is not an Advanced APM.",
            "None, if that is so.",
        ),
        FindingEntry(
            "apm_known_not_advanced",
            _W,
            "APM Entity {rule} counts as Advanced, but {apm} is not an Advanced APM in {year}.",
            "Set is_advanced to false, or correct apm_id; `qpcli apms` says where that comes from.",
        ),
        FindingEntry(
            "entity_not_tested",
            _W,
            "APM Entity {rule} does not count at snapshot {snapshot}: its "
            "APM was actively tested {count} days, {needed} are needed.",
            "Check active_from and active_to.",
        ),
        FindingEntry(
            "entity_terminated",
            _W,
            "APM Entity {rule} gives nobody a status: it was terminated on {date}.",
            "Check terminated_on and bears_risk.",
        ),
        FindingEntry(
            "affiliated_ignored",
            _W,
            "{count} Affiliated Practitioner entries of APM Entity {rule} are ignored: it has a Participation List.",
            "Check list_type.",
        ),
        FindingEntry(
            "attribution_without_participants",
            _I,
            "{count} APM Entities of the attribution list have no participants.",
            "None, if other entities' lists are given for exclusive attribution.",
        ),
        # What QP status is worth
        FindingEntry(
            "no_lump_sum",
            _I,
            "Payment year {year} has no APM Incentive Payment: {authority} gives none.",
            "Nothing: the law gives none in that year.",
        ),
        FindingEntry(
            "other_payment_year",
            _W,
            "Payment year {year} is not the one of performance year {performance_year}, which is {due}.",
            "Leave out --payment-year, unless you mean to ask what if.",
        ),
        FindingEntry(
            "base_claims_incomplete",
            _W,
            "The newest service date of the base claims is {date}, before the base period ends on {until}.",
            "Run again with newer claims: base amounts are too low.",
        ),
        FindingEntry(
            "base_run_out_incomplete",
            _W,
            "The newest processing date of the base claims is {date}; claims processed by {cutoff} count.",
            "Run again with newer claims: base amounts are too low.",
        ),
        FindingEntry(
            "base_own_people_only",
            _W,
            "Base claims from {layout} cover only people in this ACO's own feed: base amounts are a lower bound.",
            "Use claims of all fee-for-service people (RIF), or CMS's own amounts with --base-amounts.",
        ),
        FindingEntry(
            "qps_without_base",
            _W,
            "{count} of {total} QPs have no base amount.",
            "Check that the claims or amounts are those of the base year.",
        ),
        FindingEntry(
            "negative_base",
            _W,
            "{count} QPs have a base amount below 0; they have no lump sum.",
            "Check for missing originals.",
        ),
        FindingEntry(
            "recipients_not_listed",
            _W,
            "The lump sums of {count} QPs are shown at the TINs that billed in the base year (step 7 of 42 CFR "
            "414.1450(c)): no Participation List of the performance year names a TIN for them.",
            "Give --participants. Steps 2 to 6, lists of the base year, are not looked at.",
        ),
        # Who is attribution-eligible
        FindingEntry(
            "no_beneficiary_row",
            _W,
            "{count} people have claims and no beneficiary row; they fail every criterion that needs one.",
            "Complete the beneficiaries file.",
        ),
        FindingEntry(
            "unknown_facts",
            _W,
            "{count} people are lost because {rule} is unknown.",
            "Complete the beneficiaries file.",
        ),
        FindingEntry(
            "attributed_not_eligible",
            _I,
            "Of {count} people attributed to APM Entity {rule} some fail a criterion: {told}.",
            "Nothing, if the facts are right: they count in no score.",
        ),
        FindingEntry(
            "own_beneficiary_removed",
            _W,
            "{count} people on the attribution list of APM Entity {rule} "
            "are removed: prospectively attributed to another.",
            "Check the attribution lists.",
        ),
        FindingEntry(
            "negative_denominator",
            _W,
            "{count} payment denominators net below 0; no status comes from them.",
            "Check for missing originals.",
        ),
        FindingEntry(
            "score_out_of_range",
            _W,
            "{count} payment scores lie below 0 or above 100 because dollars net below 0.",
            "Check for missing originals.",
        ),
        # Other payers
        FindingEntry(
            "other_payer_repeated",
            _I,
            "other_payer: {count} rows repeat an earlier row in every column; each submission counts once.",
            "Nothing, if a file was delivered twice.",
        ),
        FindingEntry(
            "other_payer_excluded",
            _I,
            "other_payer: {count} submissions of payer type {rule} are excluded: its payments never count.",
            "None: the law excludes the Departments of Defense and Veterans Affairs (42 CFR 414.1440(a)).",
        ),
        FindingEntry(
            "medicaid_unavailable",
            _I,
            "other_payer: {count} Medicaid submissions are excluded: no Medicaid APM or Medical Home Model "
            "is available.",
            "Check medicaid_available: the county where the clinician sees most patients, and the specialty.",
        ),
        FindingEntry(
            "other_payer_incomplete",
            _W,
            "other_payer: {count} submissions that count have a blank {rule}; the method cannot be used with them.",
            "Submit numerator and denominator of the method, 0 where there were none.",
        ),
        FindingEntry(
            "other_payer_missing_at_snapshot",
            _W,
            "other_payer: {count} payers submitted for a subject at an earlier snapshot are missing at snapshot "
            "{rule}; its all-payer score lacks them.",
            "Submit every payer at every snapshot that has any: amounts run from Jan 1.",
        ),
        FindingEntry(
            "all_payer_unknown_subject",
            _W,
            "other_payer: {count} subjects of level {rule} are on no list and get no all-payer score.",
            "Check subject_id; the table all_payer_scores shows them (not_assessed_because).",
        ),
        FindingEntry(
            "all_payer_level_does_not_apply",
            _W,
            "other_payer: {count} subjects of level {rule} have Affiliated Practitioners only, who are assessed at the "
            "level npi alone.",
            "Submit for each clinician at the level npi.",
        ),
        FindingEntry(
            "all_payer_tin_refused",
            _W,
            "other_payer: {count} TINs are refused at snapshot {rule}: not all who are listed under them or billed "
            "under them are in one APM Entity.",
            "Submit by APM Entity or clinician; where leavers bill on, see the open point all_payer_tin_clinicians.",
        ),
        FindingEntry(
            "all_payer_no_medicare_score",
            _W,
            "other_payer: {count} subjects of level {rule} have no Medicare score at a snapshot that was submitted.",
            "Check whether their APM Entity counts and lists them at the snapshot.",
        ),
        FindingEntry(
            "all_payer_not_needed",
            _I,
            "other_payer: {count} subjects of level {rule} have QP status by the Medicare Option alone at a snapshot; "
            "other payers are not needed.",
            "None.",
        ),
        FindingEntry(
            "all_payer_below_minimum",
            _I,
            "other_payer: {count} subjects of level {rule} lie below the Medicare minimum of Partial QP at a snapshot; "
            "other payers cannot help them.",
            "None: see `qpcli rules` for the minimum.",
        ),
        # What outside layouts cannot tell
        FindingEntry(
            "msp_from_lines",
            _W,
            "Medicare as secondary payer is judged from claim lines only ({count} people).",
            "Give canonical beneficiaries if you know more.",
        ),
        FindingEntry(
            "part_c_contract_without_hmo",
            _W,
            "{count} beneficiary months have a Part C contract and no managed care indicator.",
            "Check the enrollment file.",
        ),
        FindingEntry("file_not_used", _I, "{file} is a {layout} file and holds nothing for a QP score.", "Nothing."),
        FindingEntry(
            "unrecognised_file",
            _W,
            "{file} has no known name, header or record length and was not read.",
            "Check the file.",
        ),
        FindingEntry(
            "unknown_code",
            _W,
            "{count} lines ({amount} USD) have an unknown {rule}; they are treated as {treatment}.",
            "Check the code list.",
        ),
        FindingEntry(
            "replaced_lines",
            _I,
            "{table}: {count} rows were replaced or removed by a later row ({rule}).",
            "Nothing.",
        ),
        FindingEntry(
            "mended_values",
            _I,
            "{table}: {count} values of {rule} had a hyphen or the end of a decimal number; it was taken off.",
            "Export the column as text.",
        ),
        FindingEntry(
            "lines_not_used",
            _I,
            "{count} outpatient lines are of no RHC, FQHC or CAH method II and were left out (by {rule}).",
            "Nothing.",
        ),
        FindingEntry(
            "shared_mbi",
            _W,
            "{count} MBIs stand under several BENE_IDs; they are not merged.",
            "Check the beneficiary file.",
        ),
        FindingEntry(
            "managed_care_paid", _I, "{count} lines were paid by a managed care plan and left out.", "Nothing."
        ),
        FindingEntry(
            "own_people_only",
            _W,
            "Claims from {layout} cover only people in this ACO's own feed. Payments and patients of other "
            "attribution-eligible people are missing: the denominator is a lower bound and the score is an upper "
            "bound. Do not read it as CMS's score.",
            "Use claims of all fee-for-service people (RIF) for a score like CMS's.",
        ),
        FindingEntry(
            "denominator_is_attributed",
            _W,
            "APM Entity {rule}: {share} % of the people in the denominator are attributed (limit 95 %). The data hold "
            "almost only attributed people: the score carries no information.",
            "Use claims of all people whom the clinicians serve.",
        ),
        FindingEntry(
            "assignable_only",
            _W,
            "The denominator is limited to assignable people; people seen only by specialists are missing.",
            "Use claims of all people whom the clinicians serve.",
        ),
        FindingEntry(
            "managed_care_unknown",
            _W,
            "{layout} has no Medicare Advantage or cost plan months; having fee-for-service claims is taken as not "
            "enrolled.",
            "Give canonical beneficiaries if you know more.",
        ),
        FindingEntry(
            "coverage_ends_unknown",
            _W,
            "{layout} has no end dates of Part A and Part B; loss of coverage before the snapshot is not visible.",
            "Give canonical beneficiaries if you know more.",
        ),
        FindingEntry(
            "reductions_missing",
            _W,
            "Paid amounts in {layout} may be reduced by capitation or population-based payment and no reduction "
            "amounts were given; payment scores of participating clinicians are too low.",
            "Add the files with the reductions (CCLFB; of REACH also TPARC).",
        ),
        FindingEntry(
            "several_acos",
            _W,
            "The CCLF deliveries are those of several ACOs: {acos}.",
            "Check that the folder holds the ACO you mean.",
        ),
        FindingEntry(
            "delivery_gap", _W, "No delivery between {first} and {second}.", "Add the missing months: claims are lost."
        ),
        FindingEntry(
            "opted_out",
            _W,
            "{count} people on the assignment list have no row in CCLF8 (opted out of data sharing or not delivered).",
            "Nothing: their claims cannot be had.",
        ),
        FindingEntry("substance_use_suppressed", _I, "Substance-use claims are suppressed in {layout}.", "Nothing."),
        FindingEntry(
            "two_npis",
            _I,
            "{count} lines have different rendering NPIs on the claim and in PECOS; the {used} NPI was used.",
            "--assume rendering_npi=pecos takes the other.",
        ),
        FindingEntry(
            "tin_only_list",
            _W,
            "The participant list has no NPIs; the group is every NPI billing under its TINs, which counts too many.",
            "Give a list with NPIs.",
        ),
        FindingEntry(
            "list_without_dates",
            _W,
            "The participant list has no dates; it is taken as valid on {date} only.",
            "Give a list with start and end dates.",
        ),
        FindingEntry(
            "row_count_mismatch",
            _E,
            "CCLF0 lists {listed} rows for {file}, {read} were read.",
            "Deliver the file again.",
        ),
        FindingEntry(
            "row_counts_missing",
            _W,
            "{file} lists no row count for {count} files of its delivery; nothing tells whether they are complete.",
            "Check the delivery.",
        ),
        FindingEntry(
            "record_length_mismatch",
            _W,
            "CCLF0 gives record length {listed} for {file}, its lines have {read}.",
            "Check the delivery.",
        ),
        FindingEntry(
            "short_lines", _W, "{count} lines of {file} are shorter than {length} characters.", "Check the delivery."
        ),
        FindingEntry(
            "cancellation_differs",
            _W,
            "{count} cancellations have another code, clinician or tax number than the line they cancel.",
            "Check the deliveries: such a pair does not cancel out.",
        ),
        FindingEntry(
            "mbi_loop",
            _W,
            "{count} MBIs map to each other in a circle; they are left as they are.",
            "Check CCLF9.",
        ),
        FindingEntry(
            "institutional_amounts_unreliable",
            _W,
            "Line payments of {count} institutional claims do not add up to the claim ({amount} USD); they count no "
            "dollars.",
            "Nothing: the lines' payments cannot be trusted.",
        ),
        FindingEntry(
            "preferred_left_out",
            _I,
            "{count} preferred provider rows are not on the Participation List and were left out.",
            "--assume reach_preferred=include takes them in.",
        ),
        FindingEntry(
            "model_data_not_final",
            _I,
            "{layout} files are not final until the model has ended; the newest replaces the others.",
            "Nothing.",
        ),
        FindingEntry(
            "rows_left_out",
            _I,
            "{table}: {count} rows were left out: {rule}.",
            "Nothing, if that is so.",
        ),
        FindingEntry(
            "counted_for_record",
            _I,
            "{table}: {count} rows: {rule}.",
            "Nothing.",
        ),
        FindingEntry("layout_recognised", _I, "{files} read as {layout}, {why}.", "Give --layout if that is wrong."),
        FindingEntry(
            "list_in_force", _I, "Snapshot {rule} uses the list {file}.", "Check that it is the list you mean."
        ),
        FindingEntry(
            "list_stands_in",
            _W,
            "Snapshot {rule} has no list of its own for {entity}; the {list} list stands in.",
            "Give the list that is in force on the snapshot date.",
        ),
        FindingEntry(
            "list_missing",
            _W,
            "No attribution list of {entity} is in force at snapshot {rule}: nobody is attributed to it there.",
            "Give the list, or a canonical attribution file.",
        ),
        FindingEntry(
            "list_not_used", _I, "The list {file} attributes nobody: {why}.", "Nothing, if another list is meant."
        ),
        FindingEntry(
            "left_out_line_code",
            _I,
            "Line code {rule} is not taken as allowed: {count} lines, {amount} USD.",
            "--assume allowed_line_codes=... takes it in.",
        ),
    )
}
