"""A run beside answers of CMS's eligibility service, made as its documentation shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qpcli.analysis.compare import CompareRequest, Comparison, compare
from qpcli.errors import UsageError
from tests.cli.calling import qpcli

ROOT = Path(__file__).parents[2]
SNAPSHOT = 3


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "run"
    answer = qpcli(
        "determine", "--config", "sample_data/qpcli.toml", "--quiet", "--format", "csv", "--out", str(folder), cwd=ROOT
    )
    assert answer.status == 0, answer.err
    return folder


def rows(run: Path, table: str) -> list[dict[str, str]]:
    header, *lines = (line.split(",") for line in (run / f"{table}.csv").read_text().splitlines())
    return [dict(zip(header, line, strict=True)) for line in lines]


def determined(run: Path, status: str) -> dict[str, str]:
    """A clinician of one APM Entity with this status at the snapshot, whose score is not 0."""
    wanted = {"status": status, "snapshot": str(SNAPSHOT), "apm_entity_count": "1", "determined_by_level": "apm_entity"}
    found = [row for row in rows(run, "determinations") if wanted.items() <= row.items()]
    return next(row for row in found if float(entity_score(run, row)["payment_score"]) > 1)


def entity_score(run: Path, row: dict[str, str], snapshot: int = SNAPSHOT) -> dict[str, str]:
    entity = {"apm_entity_id": row["determined_by_apm_entity_id"], "snapshot": str(snapshot), "level": "apm_entity"}
    return next(score for score in rows(run, "threshold_scores") if entity.items() <= score.items())


def answer(npi: str, status: str, *, payment: Any = None, patient: Any = None, apms: bool = True) -> dict[str, Any]:
    apm = {"apmId": "08", "entityName": "An\nentity", "providerRelationshipCode": "P"}
    scores = {"qpPaymentScores": {"me": payment}, "qpPatientScores": {"me": patient}}
    organizations = [{"TIN": "XXXXXXXXX", "apms": [apm | scores] if apms else []}]
    return {"data": {"npi": npi, "qpStatus": status, "organizations": organizations}}


def compared(run: Path, tmp_path: Path, *answers: dict[str, Any], **more: Any) -> Comparison:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(list(answers)))
    return compare(CompareRequest(run, file, SNAPSHOT, **more))


def causes(comparison: Comparison) -> list[tuple[str, str]]:
    return comparison.differences.select("subject", "cause").rows()


@pytest.mark.parametrize(("letter", "status"), [("Y", "QP"), ("P", "PARTIAL_QP"), ("N", "NOT_QP")])
def test_letters_that_mean_our_status_agree(run: Path, tmp_path: Path, letter: str, status: str) -> None:
    found = compared(run, tmp_path, answer(determined(run, status)["npi"], letter))
    assert found.differences.height == 0
    assert "Statuses that agree: 1;" in found.words[0]


def test_another_letter_differs(run: Path, tmp_path: Path) -> None:
    found = compared(run, tmp_path, answer(determined(run, "QP")["npi"], "N"))
    assert found.differences.select("status_first", "status_second").rows() == [("QP", "N")]
    assert causes(found) == [("determination", "unexplained")]


@pytest.mark.parametrize("letter", ["Q", "R"])
def test_letters_without_a_meaning_are_compared_with_nothing(run: Path, tmp_path: Path, letter: str) -> None:
    found = compared(run, tmp_path, answer(determined(run, "QP")["npi"], letter))
    assert found.differences.height == 0
    assert "letters compared with nothing: 1 " in found.words[0]


def test_no_letter_is_read_when_the_user_says_so(run: Path, tmp_path: Path) -> None:
    found = compared(
        run, tmp_path, answer(determined(run, "QP")["npi"], "N"), assumptions={"api_status": "as_they_stand"}
    )
    assert found.differences.height == 0


@pytest.mark.parametrize("factor", [1, 100])
def test_scores_agree_to_two_decimals_as_percent_or_as_share(run: Path, tmp_path: Path, factor: int) -> None:
    row = determined(run, "QP")
    score = entity_score(run, row)
    payment, patient = (round(float(score[f"{name}_score"]) / factor, 4) for name in ("payment", "patient"))
    found = compared(run, tmp_path, answer(row["npi"], "Y", payment=payment, patient=patient))
    assert found.differences.height == 0
    assert ("share" if factor == 100 else "percent") in found.words[1]


def test_a_score_that_is_off_by_a_hundredth_differs(run: Path, tmp_path: Path) -> None:
    row = determined(run, "QP")
    payment = float(entity_score(run, row)["payment_score"]) - 0.02
    found = compared(run, tmp_path, answer(row["npi"], "Y", payment=payment))
    assert causes(found) == [("threshold_score", "unexplained")]


def test_scores_of_another_snapshot_are_a_matter_of_timing(run: Path, tmp_path: Path) -> None:
    row = determined(run, "QP")
    score = entity_score(run, row, snapshot=1)
    assert score["payment_score"] != entity_score(run, row)["payment_score"]
    found = compared(
        run, tmp_path, answer(row["npi"], "N", payment=score["payment_score"], patient=score["patient_score"])
    )
    assert causes(found) == [("determination", "timing_run_out"), ("threshold_score", "timing_run_out")]


def test_fillers_are_no_scores(run: Path, tmp_path: Path) -> None:
    found = compared(run, tmp_path, answer(determined(run, "QP")["npi"], "Y", payment=1234, patient=1234))
    assert found.differences.height == 0


def test_an_omitted_clinician_is_a_matter_of_the_roster_and_gets_evidence(run: Path, tmp_path: Path) -> None:
    row = determined(run, "QP")
    packet = tmp_path / "review.md"
    found = compared(run, tmp_path, answer(row["npi"], "N", apms=False), evidence=packet)
    assert causes(found) == [("determination", "roster")]
    assert found.omitted_count == 1
    text = packet.read_text()
    assert f"## NPI {row['npi']}" in text
    assert "42 CFR 414.1425(b)" in text
    assert packet.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("option", ["out", "evidence"])
def test_no_file_is_written_over_what_is_read(run: Path, tmp_path: Path, option: str) -> None:
    answers, key, link = tmp_path / "answers.json", tmp_path / "key", tmp_path / "link.json"
    answers.write_text(json.dumps(answer(determined(run, "QP")["npi"], "N", apms=False)))
    key.touch(0o600)
    key.write_text("00" * 32)
    link.hardlink_to(answers)
    manifest = run / "manifest.json"
    before = [path.read_bytes() for path in (answers, key, manifest)]
    for other, place in (
        (answers, answers),
        (answers, link),
        (answers, key),
        (answers, manifest),
        (answers, run / "new.csv"),
        (tmp_path / "ans*.json", answers),
        (tmp_path, tmp_path / "new.csv"),
    ):
        with pytest.raises(UsageError) as refused:
            compare(CompareRequest(run, other, SNAPSHOT, key_file=key, **{option: place}))
        assert refused.value.code == "QP109"
    assert [path.read_bytes() for path in (answers, key, manifest)] == before
    assert not (run / "new.csv").exists()


def test_two_files_of_one_name_are_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        compared(run, tmp_path, answer("1234567893", "Y"), out=tmp_path / "a.md", evidence=tmp_path / "." / "a.md")
    assert refused.value.code == "QP104"
    assert not (tmp_path / "a.md").exists()


def test_a_clinician_whom_only_cms_lists_is_a_matter_of_the_roster(run: Path, tmp_path: Path) -> None:
    found = compared(run, tmp_path, answer("1234567893", "Y"))
    assert causes(found) == [("determination", "roster")]


def test_errors_of_the_service_are_reported(run: Path, tmp_path: Path) -> None:
    error = {"error": {"type": "NoProviderInformation", "message": "No clinician"}}
    found = compared(run, tmp_path, error, answer(determined(run, "QP")["npi"], "Y"))
    assert "Answers that are errors of the service, NoProviderInformation: 1." in found.words


def test_the_snapshot_is_never_guessed(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(answer(determined(run, "QP")["npi"], "Y")))
    with pytest.raises(UsageError, match="do not say of which snapshot"):
        compare(CompareRequest(run, file))


def test_lines_lists_folders_and_csv_hold_the_same_answers(run: Path, tmp_path: Path) -> None:
    npis = [determined(run, status)["npi"] for status in ("QP", "NOT_QP")]
    answers = [answer(npi, "N") for npi in npis]
    (tmp_path / "lines.ndjson").write_text("".join(json.dumps(one) + "\n" for one in answers))
    (tmp_path / "list.json").write_text(json.dumps(answers))
    (tmp_path / "marked.json").write_text(f"\ufeff{json.dumps(answers)}", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    for number, one in enumerate(answers):
        (tmp_path / f"folder/{number}.json").write_text(json.dumps(one, indent=2))
    (tmp_path / "table.csv").write_text("NPI,qpStatus,apmId\n" + "".join(f"{npi},N,08\n" for npi in npis))
    found = [
        compare(CompareRequest(run, tmp_path / name, SNAPSHOT)).differences.rows()
        for name in ("lines.ndjson", "list.json", "marked.json", "folder", "table.csv")
    ]
    assert len(found[0]) == 1
    assert found == [found[0]] * 5


def test_cms_s_own_example_is_read() -> None:
    from qpcli.inputs.qpp_eligibility import read_published

    sample = ROOT / "../shared/samples/qpp_eligibility_api"
    if not sample.is_dir():
        pytest.skip("the public samples are not beside the project")
    assert read_published(str(sample / "sample_response_200.json")).answers.height == 1
    assert read_published(str(sample / "sample_response_404.json")).errors == {"NoProviderInformation": 1}
