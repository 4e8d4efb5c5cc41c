"""A shared report as a whole: what no table, finding, summary or object of it may show."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from qpcli.findings import finding
from qpcli.suppression.findings import without_small_counts
from tests.cli.calling import Answer, qpcli

COUNTS = ("patient_numerator", "patient_denominator", "beneficiaries_remaining", "beneficiaries_removed")
LINES = ("lines_remaining", "lines_removed")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A market of 2026 with both bases, determined once as it is and once to be shared."""
    folder = tmp_path_factory.mktemp("shared")
    made = ("sample", "--out", "market", "--year", "2026", "--beneficiaries", "1500", "--quiet")
    assert qpcli(*made, cwd=folder).status == 0
    assert qpcli("init", "market", "--year", "2026", cwd=folder).status == 0
    for out, options in (("open", ()), ("shared", ("--share",))):
        assert determine(folder, "--out", out, "--format", "csv", *options).status == 0
    return folder


def determine(folder: Path, *options: str) -> Answer:
    return qpcli("determine", "--config", "market/qpcli.toml", *options, cwd=folder)


def table(place: Path, report: str, name: str) -> pl.DataFrame:
    return pl.read_csv(place / report / f"{name}.csv", schema_overrides={"npi": pl.String}, infer_schema_length=None)


@pytest.mark.parametrize("name", ["threshold_scores", "exclusions"])
def test_no_table_shows_a_count_of_1_to_10(place: Path, name: str) -> None:
    shared, whole = table(place, "shared", name), table(place, "open", name)
    counts = [column for column in (*COUNTS, *LINES) if column in shared.columns]
    for column in counts:
        assert not shared.get_column(column).is_between(1, 10).any(), column
        assert whole.get_column(column).is_between(1, 10).any() or column == "lines_remaining", column
    assert shared.get_column(counts[0]).drop_nulls().len() > 0


def test_hidden_rows_keep_keys_and_statuses_and_no_figure(place: Path) -> None:
    shared, whole = table(place, "shared", "threshold_scores"), table(place, "open", "threshold_scores")
    keys = ["snapshot", "level", "apm_entity_id", "npi", "basis", "payment_status", "patient_status", "status"]
    assert shared.select(keys).equals(whole.select(keys))
    gone = shared.filter(pl.col("patient_denominator").is_null())
    figures = [c for c in shared.columns if c.endswith(("numerator", "denominator", "score", "gap_to_qp"))]
    assert gone.height > 0
    assert gone.select(pl.col(figures).is_not_null().any()).row(0) == (False,) * len(figures)


@pytest.mark.parametrize(
    ("name", "level", "snapshot", "score"),
    [
        ("determinations", "determined_by_level", "determined_at_snapshot", "score"),
        ("clinicians", "payment_level", "payment_snapshot", "payment_score"),
        ("clinicians", "patient_level", "patient_snapshot", "patient_score"),
    ],
)
def test_a_score_that_is_hidden_is_hidden_for_every_clinician_it_decides(
    place: Path, name: str, level: str, snapshot: str, score: str
) -> None:
    prefix = level.removesuffix("level")
    rows = table(place, "shared", name).filter(pl.col(level).is_not_null())
    gone = table(place, "shared", "threshold_scores").filter(pl.col("patient_denominator").is_null())
    keys = {tuple(key) for key in gone.select("snapshot", "level", "apm_entity_id", "npi", "basis").iter_rows()}
    hidden = 0
    for row in rows.iter_rows(named=True):
        npi = None if row[level] == "apm_entity" else row["npi"]
        key = (row[snapshot], row[level], row[f"{prefix}apm_entity_id"], npi, row[f"{prefix}basis"])
        assert (row[score] is None) is (key in keys)
        hidden += key in keys
    assert 0 < hidden < rows.height


def test_the_denominator_and_numerator_of_a_hidden_score_stand_in_no_step(place: Path) -> None:
    gone = table(place, "shared", "threshold_scores").filter(
        pl.col("patient_denominator").is_null(), level="apm_entity"
    )
    steps = table(place, "shared", "exclusions").filter(pl.col("step_number") >= 12)
    told = steps.join(gone, on=["snapshot", "apm_entity_id", "basis"]).select("amount_remaining", "amount_removed")
    assert told.height > 0
    assert told.null_count().row(0) == (told.height, told.height)


def test_no_shown_step_differs_from_the_whole_report(place: Path) -> None:
    shared, whole = table(place, "shared", "exclusions"), table(place, "open", "exclusions")
    shown = shared.filter(pl.col("amount_remaining").is_not_null())
    assert shown.height > 0
    assert shown.join(whole, on=shared.columns, how="anti", nulls_equal=True).is_empty()


def test_summary_and_json_show_nothing_that_the_tables_hide(place: Path) -> None:
    document = determine(place, "--share", "--json").document
    scores = table(place, "shared", "threshold_scores").filter(level="apm_entity")
    hidden = scores.filter(pl.col("patient_denominator").is_null()).height
    told = [entity["patient"] for entity in document["entities"]]
    assert [one["denominator"] for one in told].count(None) == hidden > 0
    assert "hidden" in determine(place, "--share").out


def test_findings_tell_no_small_count(place: Path) -> None:
    findings = table(place, "shared", "findings")
    assert not findings.get_column("count").is_between(1, 10).any()
    assert "1 to 10" in " ".join(findings.get_column("message"))


def test_a_shared_report_is_another_run_and_stands(place: Path) -> None:
    ids = [json.loads((place / name / "manifest.json").read_text())["run_id"] for name in ("open", "shared")]
    assert len(set(ids)) == 2
    again = determine(place, "--share", "--out", "shared", "--format", "csv", "--json").document
    assert (again["run_id"], again["is_up_to_date"]) == (ids[1], True)
    assert again["findings"] == determine(place, "--share", "--json").document["findings"]


def test_cells_and_sharing_exclude_each_other(place: Path) -> None:
    answer = determine(place, "--share", "--keep-cells", "--out", "new")
    assert (answer.status, "QP104" in answer.err) == (2, True)


@pytest.mark.parametrize(("count", "words"), [(10, "1 to 10"), (11, "11")])
def test_a_finding_says_a_range_in_place_of_a_small_count(count: int, words: str) -> None:
    (told,) = without_small_counts([finding("off_list_tin", table="claim_lines", count=count, amount="77.00")])
    assert told.message.startswith(f"{words} lines ({'(not shown)' if count == 10 else '77.00'} USD)")
    assert told.count == (None if count == 10 else 11)


def test_lists_of_counts_are_never_told() -> None:
    given = finding("attributed_not_eligible", table="attribution", rule="A1", count=73, told="is_us_resident 5")
    (told,) = without_small_counts([given])
    assert told.message == "Of 73 people attributed to APM Entity A1 some fail a criterion: (not shown)."


# Other payers

SUBMITTED = (
    "level,subject_id,payer,payer_type,snapshot,apm_payment_amount,total_payment_amount,"
    "apm_patient_count,total_patient_count"
)
SUBJECTS = {"apm_entity": "apm_entity_id", "tin": "tin", "npi": "npi"}


@pytest.fixture(scope="module")
def with_others(place: Path) -> Path:
    """The same market with other payers of every listed subject, of every second APM Entity with few patients."""
    listed = pl.read_csv(place / "market" / "participants.csv", infer_schema=False)
    entities = listed.get_column("apm_entity_id").unique().sort().to_list()
    few = dict.fromkeys(entities[::2], "90000.00,100000.00,5,40")
    rows = [
        f"{level},{subject},Plan,commercial,3,{few.get(subject, '90000.00,100000.00,900,1000')}"
        for level, name in SUBJECTS.items()
        for subject in listed.get_column(name).drop_nulls().unique().sort().to_list()
    ]
    (place / "others.csv").write_text("\n".join([SUBMITTED, *rows, ""]))
    for out, options in (("open_all", ()), ("shared_all", ("--share",))):
        written = ("--out", out, "--format", "csv", "--other-payer", "others.csv")
        assert determine(place, *written, *options).status == 0
    return place


FIGURES = ("numerator", "denominator", "score", "gap_to_qp")


def of_all_payers(place: Path, report: str) -> pl.DataFrame:
    read = {"npi": pl.String, "tin": pl.String}
    return pl.read_csv(place / report / "all_payer_scores.csv", schema_overrides=read, infer_schema_length=None)


def test_all_payer_scores_show_no_count_of_1_to_10(with_others: Path) -> None:
    shared, whole = of_all_payers(with_others, "shared_all"), of_all_payers(with_others, "open_all")
    for prefix in ("", "medicare_", "other_payer_"):
        part, total = (pl.col(f"{prefix}patient_{name}") for name in ("numerator", "denominator"))
        small = pl.any_horizontal(one.is_between(1, 10) for one in (part, total, total - part))
        assert not shared.select(small.any()).item(), prefix
        assert whole.select(small.any()).item() or prefix == "", prefix


def test_hidden_all_payer_rows_keep_keys_and_statuses_and_no_figure(with_others: Path) -> None:
    shared, whole = of_all_payers(with_others, "shared_all"), of_all_payers(with_others, "open_all")
    kept = [column for column in shared.columns if not column.endswith(FIGURES)]
    assert shared.select(kept).equals(whole.select(kept))
    figures = [column for column in shared.columns if column.endswith(FIGURES)]
    gone = shared.filter(pl.col("payment_denominator").is_null() & pl.col("not_assessed_because").is_null())
    assert set(gone.get_column("level")) == {"apm_entity", "tin", "npi"}
    assert gone.select(pl.col(figures).is_not_null().any()).row(0) == (False,) * len(figures)


def test_what_all_payer_scores_show_of_medicare_is_shown_by_the_threshold_scores(with_others: Path) -> None:
    shown = of_all_payers(with_others, "shared_all").filter(pl.col("payment_denominator").is_not_null())
    assert set(shown.get_column("level")) == {"apm_entity"}
    scores = table(with_others, "shared_all", "threshold_scores").filter(pl.col("patient_denominator").is_not_null())
    keys = ["snapshot", "level", "apm_entity_id", "basis"]
    assert shown.join(scores, on=keys, how="anti").is_empty()


def test_the_score_of_a_determination_by_all_payers_is_shown_where_its_row_is(with_others: Path) -> None:
    shown = of_all_payers(with_others, "shared_all").filter(pl.col("payment_denominator").is_not_null())
    keys = set(shown.select("snapshot", "level", "apm_entity_id", "basis").iter_rows())
    rows = table(with_others, "shared_all", "determinations").filter(pl.col("determined_by_option") == "all_payer")
    by = [f"determined_by_{name}" for name in ("level", "apm_entity_id", "basis")]
    found = set()
    for row in rows.iter_rows(named=True):
        is_shown = (row["determined_at_snapshot"], *(row[name] for name in by)) in keys
        assert (row["score"] is not None) is is_shown
        found.add((row["determined_by_level"], is_shown))
    assert {("apm_entity", True), ("apm_entity", False), ("npi", False)} <= found


def test_a_shared_run_with_other_payers_is_explained_without_the_hidden(with_others: Path) -> None:
    hidden = of_all_payers(with_others, "shared_all").filter(
        pl.col("payment_denominator").is_null() & (pl.col("level") == "apm_entity")
    )
    told = qpcli("explain", hidden.get_column("apm_entity_id")[0], "shared_all", cwd=with_others)
    assert (told.status, told.err) == (0, "")
    assert "hidden" in told.out
    assert "hidden" in determine(with_others, "--other-payer", "others.csv", "--share").out.partition("All-Payer")[2]
