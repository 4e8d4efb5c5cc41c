"""Small visible tables and a law for the tests of the reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.regulation.law import Evidence, Law, LawEntry, OpenPoint, Thresholds
from qpcli.reports.findings import findings_frame
from qpcli.reports.frames import calculated_schema
from qpcli.reports.manifest import InputRecord, Manifest, OutputRecord, StepSeconds, describe_run
from qpcli.reports.publishing import ManifestOf, Writer
from qpcli.request import InputPaths, LawOptions, OutputOptions, RunRequest
from qpcli.tables.all_payer_scores import ALL_PAYER_SCORES
from qpcli.tables.clinicians import CLINICIANS
from qpcli.tables.contributions import CONTRIBUTIONS
from qpcli.tables.determinations import DETERMINATIONS
from qpcli.tables.exclusions import EXCLUSIONS
from qpcli.tables.schema import Table
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from qpcli.terms import IndividualAssessment, QpPerformancePeriod, ServiceBasis, Snapshot

CANARY_NPI = "1999999984"


def frame(table: Table, *rows: Mapping[str, object]) -> pl.DataFrame:
    """Rows of a table in the calculation's units; columns that are not given are null."""
    whole = [{name: row.get(name) for name in table.column_names} for row in rows]
    return pl.DataFrame(whole, schema=calculated_schema(table), orient="row")


def score_row(entity: str | None = "A1", snapshot: int = 1, **columns: object) -> dict[str, object]:
    """An entity with 50.0000 % of payments and 50.0000 % of patients against 50 and 35: QP."""
    row: dict[str, object] = {
        "performance_year": 2024,
        "snapshot": snapshot,
        "level": "apm_entity",
        "apm_entity_id": entity,
        "basis": "em",
        "clinician_count": 2,
        "payment_numerator": 8000,
        "payment_denominator": 16000,
        "payment_score": 500_000,
        "patient_numerator": 1,
        "patient_denominator": 2,
        "patient_score": 500_000,
        "payment_qp_threshold": 50,
        "payment_partial_threshold": 40,
        "patient_qp_threshold": 35,
        "patient_partial_threshold": 25,
        "payment_status": "QP",
        "patient_status": "QP",
        "status": "QP",
        "payment_gap_to_qp": 0,
        "patient_gap_to_qp": 0,
    }
    return row | columns


def short_row(entity: str = "A2", snapshot: int = 1, **columns: object) -> dict[str, object]:
    """An entity one ten-thousandth of a percent under the payment bar and well under the patient bar."""
    below = {
        "payment_numerator": 499_999_999,
        "payment_denominator": 1_000_000_000,
        "payment_score": 499_999,
        "patient_numerator": 338,
        "patient_denominator": 1000,
        "patient_score": 338_000,
        "payment_status": "PARTIAL_QP",
        "patient_status": "PARTIAL_QP",
        "status": "PARTIAL_QP",
        "payment_gap_to_qp": 1,
        "patient_gap_to_qp": 12,
    }
    return score_row(entity, snapshot, **(below | columns))


def unscored_row(entity: str = "A3", snapshot: int = 1) -> dict[str, object]:
    """An entity without any denominator."""
    nothing = dict.fromkeys(("payment_score", "patient_score", "payment_gap_to_qp", "patient_gap_to_qp"))
    zeros = dict.fromkeys(("payment_numerator", "payment_denominator", "patient_numerator", "patient_denominator"), 0)
    statuses = dict.fromkeys(("payment_status", "patient_status", "status"), "NO_SCORE")
    return score_row(entity, snapshot, **nothing, **zeros, **statuses)


def determination_row(npi: str = CANARY_NPI, snapshot: int = 3, **columns: object) -> dict[str, object]:
    """A clinician who is QP through the entity A1 since snapshot 1."""
    row: dict[str, object] = {
        "performance_year": 2024,
        "npi": npi,
        "snapshot": snapshot,
        "is_latest": snapshot == 3,
        "status": "QP",
        "determined_by_level": "apm_entity",
        "determined_by_apm_entity_id": "A1",
        "determined_by_basis": "em",
        "determined_by_method": "payment_amount",
        "determined_at_snapshot": 1,
        "score": 500_000,
        "threshold": 50,
        "apm_entity_count": 1,
        "mips_consequence": "excluded",
        "is_mips_apm_participant": False,
        "determined_by_option": "medicare",
    }
    return row | columns


def clinician_row(npi: str = CANARY_NPI, **columns: object) -> dict[str, object]:
    """The clinician of `determination_row`, for people."""
    row: dict[str, object] = {
        "performance_year": 2024,
        "npi": npi,
        "clinician_name": "Jane Doe",
        "tins": "000000001; 000000002",
        "apm_entity_ids": "A1",
        "apm_entity_names": "Entity One",
        "snapshot": 3,
        "status": "QP",
        "determined_by_level": "apm_entity",
        "determined_by_apm_entity_id": "A1",
        "determined_by_basis": "em",
        "determined_by_method": "payment_amount",
        "determined_at_snapshot": 1,
        "mips_consequence": "excluded",
        "is_mips_apm_participant": False,
    }
    for prefix, bar in (("payment", 50), ("patient", 35)):
        row |= {f"{prefix}_score": 500_000, f"{prefix}_qp_threshold": bar, f"{prefix}_gap_to_qp": 0}
        row |= {f"{prefix}_level": "apm_entity", f"{prefix}_apm_entity_id": "A1"}
        row |= {f"{prefix}_basis": "em", f"{prefix}_snapshot": 1}
    return row | columns


FINDINGS = (
    finding("duplicate_lines", count=1200),
    finding("no_processed_date", count=3),
    finding("entities_assumed_advanced"),
)


def all_payer_row(entity: str = "A1", snapshot: int = 3, **columns: object) -> dict[str, object]:
    """An entity that becomes QP by the payments of all payers, 30 % of its Medicare payments being attributed."""
    row = score_row(entity, snapshot) | {
        "patient_score": None,
        "patient_status": "NO_SCORE",
        "medicare_payment_numerator": 3000,
        "medicare_payment_denominator": 10000,
        "medicare_payment_score": 300_000,
        "other_payer_payment_numerator": 5000,
        "other_payer_payment_denominator": 6000,
        "medicare_minimum_status": "QP",
        "medicare_status": "NOT_QP",
        "counted_payer_count": 1,
        "excluded_payer_count": 1,
    }
    return row | columns


def contribution_row() -> dict[str, object]:
    """A TIN without which its entity would lose a tenth of a percent of payments."""
    sums = ("payment_numerator", "payment_denominator", "patient_numerator", "patient_denominator")
    row: dict[str, object] = {"performance_year": 2024, "snapshot": 3, "apm_entity_id": "A1", "basis": "em"}
    row |= {"contributor_kind": "tin", "contributor": "000000001", "shared_patient_count": 3}
    row |= {f"own_{name}": 1000 for name in sums} | {f"{name}_without": 2000 for name in sums}
    row |= {f"{name}_score_without": 499_000 for name in ("payment", "patient")}
    row |= {f"{name}_score_change": -1000 for name in ("payment", "patient")}
    return row | {"status_without": "PARTIAL_QP"}


def tables_with_all_payer(*rows: Mapping[str, object]) -> dict[str, pl.DataFrame]:
    """All tables of a run with submissions of other payers, small."""
    more = {"all_payer_scores": frame(ALL_PAYER_SCORES, *(rows or (all_payer_row(),)))}
    return tables() | more | {"contributions": frame(CONTRIBUTIONS, contribution_row())}


def tables(*scores: Mapping[str, object], findings: tuple[Finding, ...] = FINDINGS) -> dict[str, pl.DataFrame]:
    """All tables of a run, small."""
    step = {"performance_year": 2024, "snapshot": 1, "apm_entity_id": "A1", "basis": "em", "step_number": 1}
    step |= {"step": "group_lines_in_period", "lines_remaining": 4, "lines_removed": 0}
    return {
        "threshold_scores": frame(THRESHOLD_SCORES, *(scores or (score_row(), short_row(), unscored_row()))),
        "determinations": frame(DETERMINATIONS, determination_row(snapshot=2), determination_row()),
        "clinicians": frame(CLINICIANS, clinician_row()),
        "exclusions": frame(EXCLUSIONS, step | {"amount_remaining": -5, "amount_removed": 123456}),
        "findings": findings_frame(findings),
    }


def law(*, bases: tuple[ServiceBasis, ...] = (ServiceBasis.EM,)) -> Law:
    """The law of 2024 in small, with one open point overridden and one at its default."""
    run_out = OpenPoint("claims_run_out_days", "91", "60", (), "no published number", is_overridden=True)
    denied = OpenPoint("denied_lines", "never_count", "never_count", ("count",), "no published text")
    authority, citation = "Pub. L. 118-42", "42 CFR 414.1430(a)"
    return Law(
        performance_year=2024,
        payment_year=2026,
        law_as_of=date(2026, 2, 3),
        data_version="1",
        period=QpPerformancePeriod(date(2024, 1, 1), date(2024, 8, 31)),
        snapshots=(Snapshot(1, date(2024, 3, 31)), Snapshot(2, date(2024, 6, 30)), Snapshot(3, date(2024, 8, 31))),
        december_list_date=date(2024, 12, 31),
        thresholds=Thresholds(50, 40, 35, 25),
        all_payer=None,
        minimum_testing_days=60,
        minimum_age_years=18,
        termination_deadline=date(2024, 8, 31),
        bases=bases,
        individual_assessment=IndividualAssessment.CLINICIANS_OF_SEVERAL_ENTITIES_FROM_2017,
        has_exclusive_attribution=True,
        em_code_sets={},
        not_covered_ranges=(),
        covered_codes=None,
        open_points={"denied_lines": denied, "claims_run_out_days": run_out},
        entries=(
            LawEntry("thresholds", "50/40/35/25", authority, date(2024, 3, 9), citation, Evidence.REGULATION),
            LawEntry("em_services", "list", "list made for qpcli", None, "42 CFR 414.1305", Evidence.ASSUMPTION),
        ),
    )


def request(**output: object) -> RunRequest:
    """A run request with paths that need not exist."""
    paths = InputPaths(("claims.csv",), ("beneficiaries.csv",), ("participants.csv",), ("attribution.csv",))
    return RunRequest(paths, LawOptions(2024), output=OutputOptions(**output))  # type: ignore[arg-type]


def manifest_of(run_id: str = "0123456789abcdef", inputs: tuple[InputRecord, ...] = ()) -> ManifestOf:
    """What `publish` asks for, with a run id of the test's choice."""

    def manifest(outputs: tuple[OutputRecord, ...]) -> Manifest:
        return describe_run(
            request(),
            law(),
            run_id=run_id,
            exit_code=0,
            inputs=inputs,
            outputs=outputs,
            findings=FINDINGS,
            steps=(StepSeconds("read", 0.5),),
        )

    return manifest


def text_writer(text: str) -> Writer:
    """A writer of one small file, careless about its rights."""

    def write(path: Path) -> int:
        path.write_text(text, "utf-8")
        return 1

    return write


def content_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, the hidden ones too."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def beside(folder: Path) -> set[str]:
    """What lies in the folder above, but for the lock."""
    return {path.name for path in folder.parent.iterdir()} - {f".{folder.name}.qpcli.lock"}
