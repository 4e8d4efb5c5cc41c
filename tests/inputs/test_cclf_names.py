"""Names of CCLF files and of the zips that they come in."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest

from qpcli.errors import InputError
from qpcli.inputs.archives import find_files
from qpcli.inputs.cclf.files import look_at
from qpcli.inputs.cclf.names import CclfName, parse_name
from qpcli.inputs.files import is_delivered


def test_a_member_s_name_says_all_about_it() -> None:
    assert parse_name("P.A9990.ACO.ZC5Y25.D250714.T1010101") == CclfName(
        number="5",
        entity_id="A9990",
        delivery=250714_1010101,
        delivered_on=date(2025, 7, 14),
        package="A9990.Y25.D250714",
    )


@pytest.mark.parametrize(
    ("name", "number", "entity_id"),
    [
        ("P.D0123.ACO.ZC8Y26.D260114.T0000000", "8", "D0123"),
        ("P.V123456.K0001.ZCBY26.D260114.T0000000", "B", "V123456"),
        ("T.BCD.A0001.ZC9Y18.D181120.T1000010", "9", "A0001"),
        ("p.a9990.aco.zcay25.d250714.t1010101", "A", "A9990"),
        ("P.A9990.ACO.ZC5Y25.D250714.T1010101.txt.gz", "5", "A9990"),
    ],
)
def test_the_number_and_the_owner(name: str, number: str, entity_id: str) -> None:
    found = parse_name(name)
    assert found is not None
    assert (found.number, found.entity_id) == (number, entity_id)


def test_a_run_out_file_and_a_test_file_say_so() -> None:
    found = parse_name("T.A9990.ACO.ZC5R24.D250714.T1010101")
    assert found is not None
    assert found.is_run_out
    assert found.is_test


@pytest.mark.parametrize("stamps", ["D250708.S250630.E250706", "S250702.E250708", "E250708"])
def test_a_weekly_file_carries_the_dates_of_its_week(stamps: str) -> None:
    found = parse_name(f"P.A9990.ACO.ZC5WY25.{stamps}.T1010101")
    assert found is not None
    assert found.is_weekly
    assert found.delivered_on == date(2025, 7, 8)


def test_the_later_of_two_deliveries_of_a_day_has_the_later_time() -> None:
    early, late = (parse_name(f"P.A9990.ACO.ZC5Y25.D250714.T{time}") for time in ("0959590", "1000000"))
    assert early is not None
    assert late is not None
    assert early.delivery < late.delivery


def test_a_bare_name_has_a_number_and_no_delivery() -> None:
    assert parse_name("ZC8") == CclfName("8")


@pytest.mark.parametrize(
    "name",
    [
        "claims.csv",
        "P.A9990.ACO.ZCY25.D250714.T1010101",
        "P.A9990.ACO.ZC5Y25.D251332.T1010101",
        "P.PCPB.M2411.D181120.T1000000",
        "P.A9990.ACO.HASSGN.D250714.T1010101",
        "ZCX",
    ],
)
def test_other_names_say_nothing(name: str) -> None:
    assert parse_name(name) is None


@pytest.mark.parametrize("archive", ["P.A9991.ACO.ZCY25.D250714.T0", "T.BCD.ACOB.ZC0Y25.D250714.T0001000"])
def test_a_zip_of_another_aco_is_refused(tmp_path: Path, archive: str) -> None:
    with zipfile.ZipFile(tmp_path / archive, "w") as zipped:
        zipped.writestr("P.A9990.ACO.ZC5Y25.D250714.T1010101", "")
    (file,) = find_files([str(tmp_path)], is_delivered)
    with pytest.raises(InputError) as raised:
        look_at(file)
    assert raised.value.code == "QP216"
    assert str(raised.value) == (
        f"{archive}/P.A9990.ACO.ZC5Y25.D250714.T1010101: the archive and its member belong to different ACOs."
    )


def test_a_zip_that_a_user_named_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "july.zip", "w") as zipped:
        zipped.writestr("P.A9990.ACO.ZC5Y25.D250714.T1010101", "")
    (file,) = find_files([str(tmp_path)], is_delivered)
    found = look_at(file)
    assert found is not None
    assert (found.number, found.why) == ("5", "by name")
