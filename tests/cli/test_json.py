"""--json is one versioned object on stdout."""

from __future__ import annotations

from qpcli.errors import ERRORS
from qpcli.findings import FINDINGS_CATALOGUE
from qpcli.tables.catalogue import ALL_TABLES, OUTPUT_TABLES
from tests.cli.conftest import Call


def test_determine_says_what_the_summary_says(determine: Call) -> None:
    document = determine("--json").document
    assert (document["schema"], document["performance_year"], document["folder"]) == ("qpcli.run/1", 2025, None)
    assert {"run_id", "entities", "clinicians_by_status", "findings", "assumptions", "law"} <= set(document)


def test_determine_with_a_folder_says_where_the_reports_are(determine: Call, other_payer: tuple[str, str]) -> None:
    document = determine(*other_payer, "--json", "--out", "reports", "--keep-cells").document
    assert document["folder"] == "reports"
    files = {output["file"] for output in document["outputs"] if not output["file"].startswith("cells/")}
    assert files == {f"{table.name}.parquet" for table in OUTPUT_TABLES}


def test_a_dry_run_has_the_run_id_of_the_run(determine: Call) -> None:
    plan = determine("--dry-run", "--json").document
    assert plan["schema"] == "qpcli.plan/1"
    assert plan["run_id"] == determine("--json").document["run_id"]


def test_check_lists_findings(call: Call) -> None:
    document = call("check", "--config", "sample_data/qpcli.toml", "--json").document
    assert (document["schema"], document["is_usable"], document["errors"]) == ("qpcli.check/1", True, [])
    assert all({"code", "severity", "message", "table", "rule", "count"} == set(one) for one in document["findings"])


def test_rules_of_a_year(call: Call) -> None:
    document = call("rules", "--year", "2026", "--json").document
    assert document["schema"] == "qpcli.rules/1"
    assert document["thresholds"]["qp_payment"] == 50
    assert document["snapshots"][0] == {"number": 1, "date": "2026-03-31", "run_out_ends": "2026-05-30"}
    assert document["service_bases"] == ["em", "cps"]
    assert (document["incentive"]["payment_year"], document["incentive"]["lump_sum_percent"]) == (2028, "3.1")
    assert [one["levels"][0] for one in document["partial_qp_elections"]] == ["apm_entity", "individual", "tin"]
    assert {"claims_run_out_days", "group_membership"} <= {point["name"] for point in document["open_points"]}


def test_rules_of_all_years(call: Call) -> None:
    rows = call("rules", "--json").document["thresholds"]
    assert [row["performance_year"] for row in rows] == list(range(2017, 2028))


def test_schema_holds_every_column(call: Call) -> None:
    tables = call("schema", "--format", "json").document["tables"]
    assert {table["name"]: [column["name"] for column in table["columns"]] for table in tables} == {
        table.name: list(table.column_names) for table in ALL_TABLES
    }


def test_codes_holds_both_catalogues(call: Call) -> None:
    document = call("codes", "--json").document
    assert [entry["code"] for entry in document["errors"]] == list(ERRORS)
    assert [entry["code"] for entry in document["findings"]] == list(FINDINGS_CATALOGUE)


def test_sample_counts_its_rows(call: Call) -> None:
    document = call("sample", "--out", "trial", "--year", "2024", "--beneficiaries", "20", "--json").document
    assert document["schema"] == "qpcli.sample/1"
    assert document["claim_line_count"] > 0
