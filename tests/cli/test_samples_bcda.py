"""CMS's CCLF test packages, MBI lists and the 1-800 file through the command line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.cli.calling import Answer
from tests.cli.conftest import Call
from tests.cli.samples import SAMPLES, assert_refused, assert_silent_about, codes_of, findings_of, needs_samples

pytestmark = needs_samples

BCDA, HANDMADE = SAMPLES / "bcda_cclf", SAMPLES / "handmade_cclf" / "plain"
ARCHIVES, SYNTHETIC, LISTS = BCDA / "archives", BCDA / "synthetic", BCDA / "attribution_csv"
PREFERENCES = BCDA / "suppression_1800" / "T#EFT.ON.ACO.NGD1800.DPRF.D181120.T1000009"
PART_B = str(HANDMADE / "*ZC5*")
YEAR = ("--list-date", "2025-01-01..2025-12-31")
TO_STDOUT = ("--out", "-", "--table", "threshold_scores")


def convert(call: Call, *claims: Path | str, options: tuple[str, ...] = ()) -> Answer:
    given = [option for path in claims for option in ("--claims", str(path))]
    return call("convert", *given, "--out", "store", *options)


def mbis(*paths: Path) -> set[str]:
    """What stands first in the lines of fixed-width files."""
    return {line[:11] for path in paths for line in path.read_text(encoding="latin-1").splitlines()}


@pytest.mark.parametrize(
    ("archive", "held"),
    [
        ("T.BCD.A0001.ZCY18.D181120.T1000000", "CCLF0, CCLF8, CCLF9"),
        ("T.BCD.A9988.ZCY18.D181120.T1000000", "CCLF0, CCLF8"),
        ("T.BCD.A9989.ZCY18.D181120.T1000000", "CCLF0, CCLF8"),
    ],
)
def test_a_package_without_claims_says_what_is_missing(call: Call, archive: str, held: str) -> None:
    answer = convert(call, ARCHIVES / archive)
    assert_refused(
        answer, "QP212", "No file of Part B claims (CCLF5) is given", f"the files are {held}.", "Give the CCLF5"
    )
    assert not Path("store").exists()


@pytest.mark.parametrize("path", [ARCHIVES, ARCHIVES / "T.BCD.ACOB.ZC0Y18.D181120.T0001000"], ids=["folder", "archive"])
def test_an_archive_with_the_file_of_another_aco_is_refused(call: Call, path: Path) -> None:
    answer = convert(call, path)
    assert_refused(answer, "QP216", "T.BCD.ACOB.ZC0Y18.D181120.T0001000", "belong to different ACOs")


def test_people_and_former_ids_of_a_package_beside_claims(call: Call) -> None:
    answer = convert(call, PART_B, ARCHIVES / "T.BCD.A0001.ZCY18.D181120.T1000000", options=("--json",))
    found = findings_of(answer)
    assert (answer.status, answer.document["rows"], answer.document["files"]) == (1, 39, 3)
    assert [count for (code, rule), count in found.items() if code == "rows_left_out" and "HICN" in str(rule)] == [3]
    recognised = {rule: count for (code, rule), count in found.items() if code == "layout_recognised"}
    assert recognised == {"CCLF0": 1, "CCLF5": 2, "CCLF8": 1, "CCLF9": 1}
    codes = {code for code, _ in found}
    assert {"row_count_mismatch", "record_length_mismatch", "reductions_missing"} <= codes


@pytest.mark.parametrize(("folder", "lines"), [("test/dev", 40), ("improved-new/small", 100)])
def test_truncated_people_are_bad_rows(call: Call, folder: str, lines: int) -> None:
    answer = convert(call, PART_B, SYNTHETIC / folder)
    assert_refused(
        answer, "QP203", f"beneficiaries: {lines} rows", "fewer than 188 or more than 549 characters", "...)"
    )
    allowed = convert(call, PART_B, SYNTHETIC / folder, options=("--max-rejects", str(lines)))
    assert_refused(allowed, "QP213", f"beneficiaries: all {lines} rows are rejected.")
    assert_silent_about(mbis(SYNTHETIC / folder / "ZC8"), answer, allowed)


def test_truncated_people_without_claims(call: Call) -> None:
    assert_refused(convert(call, SYNTHETIC / "test" / "dev"), "QP212", "No file of Part B claims (CCLF5) is given")


@pytest.fixture
def participants(place: Path) -> Path:
    (place / "p.csv").write_text("apm_entity_id,tin,npi,start_date,end_date\nA9990,000990001,9999990010,,\n")
    return place


def given_list(call: Call, path: Path, *options: str, command: str = "determine") -> Answer:
    inputs = ("--claims", str(HANDMADE), "--participants", "p.csv", "--attribution", str(path))
    return call(command, "--year", "2025", *inputs, *options)


@pytest.mark.usefixtures("participants")
@pytest.mark.parametrize("command", ["check", "determine"])
@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("P.PCPB.M2411.D181120.T1000000", "--apm-entity"),
        ("P.PCPB.M2411.D181121.T1000000", "--apm-entity"),
        ("T.ACCESS.ACCES00001.Y25.D250630.T1000000", "--list-date"),
        ("T.GUIDE.GUIDE-0001.Y25.D250630.T1000000", "--list-date"),
    ],
)
def test_what_a_list_of_mbis_does_not_say_is_asked_for(call: Call, command: str, name: str, option: str) -> None:
    answer = given_list(call, LISTS / name, command=command)
    assert (answer.status, answer.out) == (2, "")
    assert f"error[QP111]: {name} does not say " in answer.err
    assert option in answer.err


@pytest.mark.usefixtures("participants")
def test_ids_that_join_nothing_are_an_error_of_the_input(call: Call) -> None:
    path = LISTS / "P.PCPB.M2411.D181120.T1000000"
    answer = given_list(call, path, "--apm-entity", "A9990", *YEAR, "--json")
    assert answer.status == 1
    assert findings_of(answer)["opted_out", None] == 5
    assert "ids_do_not_join" in codes_of(answer)
    assert_silent_about(mbis(path) - {"MBIs"}, answer)


@pytest.mark.usefixtures("participants")
def test_a_list_of_mbis_attributes_its_people(call: Call, place: Path) -> None:
    (place / "A9990 people.csv").write_text("MBIs\n1S00Q00QP01\n1S00Q00QX02\n1S00Q00QP04\n")
    answer = given_list(call, place / "A9990 people.csv", "--apm-entity", "A9990", *YEAR, "-q", *TO_STDOUT)
    newest = [row for row in csv.DictReader(io.StringIO(answer.out)) if row["snapshot"] == "3"]
    assert (answer.status, [row["patient_numerator"] for row in newest]) == (0, ["2"])


@pytest.mark.usefixtures("participants")
def test_people_who_declined_are_counted(call: Call, place: Path) -> None:
    folder = place / "lists"
    folder.mkdir()
    (folder / PREFERENCES.name).write_bytes(PREFERENCES.read_bytes())
    (folder / "people.csv").write_text("MBIs\n1S00Q00QP01\n")
    answer = given_list(call, folder, "--apm-entity", "A9990", *YEAR, "--json")
    counted = [count for (code, rule), count in findings_of(answer).items() if "declined data sharing" in str(rule)]
    assert (answer.status, counted) == (0, [1])
    assert_silent_about(mbis(PREFERENCES) - {"HDR_BENEDAT", "TRL_BENEDAT"} | {"Mitchell"}, answer)


@pytest.mark.usefixtures("participants")
def test_a_preference_file_alone_attributes_nobody(call: Call) -> None:
    answer = given_list(call, PREFERENCES)
    assert_refused(answer, "QP213", "nobody who is attributed")
