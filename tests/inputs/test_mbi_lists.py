"""Plain lists of MBIs, and the 1-800 preference file beside them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from qpcli.inputs.attributions import AttributionRead, read_attribution
from qpcli.request import Assignment
from tests.inputs.list_made import ANN, BEN, law_of, messages, options_of, refusal, rows_of, said

YEAR = (date(2025, 1, 1), date(2025, 12, 31))
SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "bcda_cclf"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public sample files are not beside the checkout")


def mbis(path: Path, *lines: str) -> str:
    path.write_text("".join(f"{line}\n" for line in ("MBIs", *lines)), encoding="utf-8")
    return str(path)


def read(*paths: str, apm_entity_id: str | None = "D9990", assignment: Assignment | None = None) -> AttributionRead:
    return read_attribution(paths, options_of(assignment, apm_entity_id=apm_entity_id, dates=YEAR), law_of())


def test_a_list_with_the_users_entity_and_dates(tmp_path: Path) -> None:
    found = read(mbis(tmp_path / "people", ANN, "", BEN, ANN))
    assert rows_of(found) == [("D9990", ANN, *YEAR, False), ("D9990", BEN, *YEAR, False)]
    assert len(messages(found.table.findings, "list_in_force")) == 3


def test_a_prospective_list(tmp_path: Path) -> None:
    found = read(mbis(tmp_path / "people.csv", ANN), assignment=Assignment.PROSPECTIVE)
    assert rows_of(found) == [("D9990", ANN, *YEAR, True)]


def test_whose_and_when_must_be_said(tmp_path: Path) -> None:
    path = mbis(tmp_path / "people.csv", ANN)
    assert "--apm-entity" in refusal(path, options=options_of(dates=YEAR)).help
    error = refusal(path, options=options_of(apm_entity_id="D9990"))
    assert (error.code, "--list-date" in error.help) == ("QP111", True)


@pytest.mark.parametrize(
    ("name", "entity"),
    [
        ("T.GUIDE.GUIDE-0001.Y25.D250630.T1000000", "GUIDE-0001"),
        ("T.ACCESS.ACCES00001.Y25.D250630.T1000000", "ACCES00001"),
        ("P.A9990.mbis.csv", "A9990"),
    ],
)
def test_the_name_may_tell_whose_list_it_is(tmp_path: Path, name: str, entity: str) -> None:
    assert rows_of(read(mbis(tmp_path / name, ANN), apm_entity_id=None))[0][0] == entity
    assert rows_of(read(mbis(tmp_path / name, ANN)))[0][0] == "D9990"


@needs_samples
def test_the_attribution_lists_of_bcda() -> None:
    folder = SAMPLES / "attribution_csv"
    found = read(str(folder / "T.GUIDE.GUIDE-0001.Y25.D250630.T1000000"), apm_entity_id=None)
    assert (found.table.frame.height, found.layouts) == (5, ("list of MBIs",))
    error = refusal(str(folder / "P.PCPB.M2411.D181120.T1000000"), options=options_of(dates=YEAR))
    assert (error.code, "--apm-entity" in error.help) == ("QP111", True)


@needs_samples
def test_who_declined_data_sharing_is_counted(tmp_path: Path) -> None:
    preferences = SAMPLES / "suppression_1800" / "T#EFT.ON.ACO.NGD1800.DPRF.D181120.T1000009"
    found = read(mbis(tmp_path / "people.csv", ANN), str(preferences))
    assert [count for _, count in said(found.table.findings, "counted_for_record")] == [1]
    assert refusal(str(preferences), options=options_of()).code == "QP213"
