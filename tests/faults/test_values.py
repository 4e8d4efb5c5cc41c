"""Values that cannot be read are rejected and counted in every layout, never rounded, guessed or dropped."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.faults.calls import Place, assert_report_stands, assert_settled, determined, placed
from tests.faults.worlds import (
    AMOUNT,
    ASSIGNED_NAME,
    BIRTH,
    MBI,
    NAME,
    NPI,
    REDUCTION,
    TIN,
    World,
    cclf_name,
    world,
)

AMOUNTS = ("1e5", "$1000.00", "(5.00)", "NaN", "inf", "5.00-", "1 0.00", "1_000", "0x10", "--5", "5.0.0", "abc")
"""No amounts in any layout."""
TOO_LARGE = ("10000000.01", "-10000000.01")
DATES = ("20250229", "2025-02-30", "2025-13-01", "03/04/25", "2101-01-01", "1899-12-31", "2025-2", "soon")
NO_DATE = ("0001-01-01", "9999-12-31", "")
"""Marks of an absent date, which a service cannot have."""


def padded(text: str, width: int) -> str:
    return text[:width].rjust(width)


def in_field(old: str, new: str) -> tuple[str, str]:
    """A field of a record keeps its width."""
    return old, new.ljust(len(old)) if len(new) < len(old) else new[: len(old)]


def quoted(text: str) -> str:
    return f'"{text}"'


FIELD = f"0000000{AMOUNT}"
REDUCED = REDUCTION["CLM_PBP_RDCTN_AMT"]
CASES: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "canonical amounts": (
        "canonical",
        "claims.csv",
        [(AMOUNT, one) for one in (*AMOUNTS, *TOO_LARGE, "10.005", "+5.00", ".5", "5.", quoted("1,000.00"), "")],
    ),
    "canonical service dates": (
        "canonical",
        "claims.csv",
        [("2025-02-03", one) for one in (*DATES, *NO_DATE, "02/03/2025", "2025-02-03T01:00:00")],
    ),
    "canonical processed dates": ("canonical", "claims.csv", [("2025-02-20", one) for one in DATES]),
    "canonical birth dates": ("canonical", "beneficiaries.csv", [(BIRTH, one) for one in DATES]),
    "canonical facts": (
        "canonical",
        "beneficiaries.csv",
        [("true,true", f"{one},true") for one in ("2", "maybe", "-1", "Y N")],
    ),
    "canonical codes": ("canonical", "claims.csv", [("original", one) for one in ("void", "0", "3")]),
    "canonical line numbers": ("canonical", "claims.csv", [("1,1,", f"1,{one},") for one in ("x", "1.5", "", "1e3")]),
    "canonical people": ("canonical", "claims.csv", [(f"1,{MBI}", "1,"), (f"1,{MBI}", "1,  ")]),
    "inverted spans": ("canonical", "participants.csv", [(f"{NPI},,", f"{NPI},2025-02-01,2025-01-31")]),
    "dates of lists": ("canonical", "attribution.csv", [(f"{MBI},,", f"{MBI},{one},") for one in DATES]),
    "CCLF5 amounts": (
        "cclf",
        cclf_name("5"),
        [(FIELD, padded(one, 15)) for one in (*AMOUNTS, *TOO_LARGE, "1,000.00", "10.005", "")],
    ),
    "CCLF5 service dates": (
        "cclf",
        cclf_name("5"),
        [in_field("2025-02-10", one) for one in (*DATES[1:], *NO_DATE)],
    ),
    "CCLF5 adjustments": ("cclf", cclf_name("5"), [("1 A 0 2025-02-21", f"1 A {one} 2025-02-21") for one in "3X "]),
    "CCLF5 people": ("cclf", cclf_name("5"), [in_field(MBI, "")]),
    "CCLF8 birth dates": ("cclf", cclf_name("8"), [in_field(BIRTH, one) for one in DATES[1:]]),
    "CCLFB amounts": ("cclf", cclf_name("B"), [(REDUCED, padded(one, 15)) for one in (*AMOUNTS, *TOO_LARGE)]),
    "carrier amounts": (
        "rif",
        "claims/carrier.csv",
        [(AMOUNT, one) for one in (*AMOUNTS, *TOO_LARGE, "1,000.00", "10.005", "")],
    ),
    "carrier service dates": (
        "rif",
        "claims/carrier.csv",
        [("15-Jan-2025", one) for one in ("30-Feb-2025", "15-Jan-25", "15-Jan-1899", "2025-13-01", "")],
    ),
    "carrier NPIs": ("rif", "claims/carrier.csv", [(NPI, "1.43E+09")]),
    "outpatient amounts": ("rif", "claims/outpatient.csv", [("80.00", one) for one in (*AMOUNTS, *TOO_LARGE)]),
    "beneficiary years": ("rif", "claims/beneficiary.csv", [("|2025|0|", f"|{one}|0|") for one in ("", "0", "x")]),
    "beneficiary birth dates": (
        "rif",
        "claims/beneficiary.csv",
        [("19-Jul-1931", one) for one in ("31-Feb-1931", "19-Jul-31", "soon")],
    ),
    "v2 amounts": (
        "bcda v2",
        "claims/eob.ndjson",
        [(AMOUNT, one) for one in ('"abc"', '"1,000.00"', "10000000.01", '"(5.00)"')],
    ),
    "v2 service dates": (
        "bcda v2",
        "claims/eob.ndjson",
        [('"2025-01-15"', f'"{one}"') for one in ("2025-02-30", "soon", "2101-01-01")],
    ),
    "v3 service dates": (
        "bcda v3",
        "claims/eob.ndjson",
        [('"2025-01-15"', f'"{one}"') for one in ("2025-02-30", "soon", "2101-01-01", "")],
    ),
    "v3 TINs of other than nine digits": ("bcda v3", "claims/eob.ndjson", [(TIN, "1928347912")]),
    "roster dates": ("roster", "participants.csv", [("01/01/2025", one) for one in ("soon", "13/13/2025", "1/1/25x")]),
    "assigned birth dates": ("assignment", ASSIGNED_NAME, [("07/19/1931", one) for one in ("13/19/1931", "soon")]),
}
"""Layout, file, and what is put in the place of the first of each."""


@pytest.mark.parametrize("case", CASES)
def test_a_value_that_cannot_be_read_rejects_its_row(tmp_path: Path, case: str) -> None:
    layout, name, changes = CASES[case]
    sound, passed = world(layout), []
    with placed(sound, tmp_path / "place") as place:
        for old, new in changes:
            status, words = _run(place, sound, name, old, new)
            if (status, "error[QP203]" in words) != (3, True):
                passed.append((new, status, words[:200]))
    assert passed == []


def _run(place: Place, sound: World, name: str, old: str, new: str) -> tuple[int, str]:
    assert old.encode() in sound.files[name], old
    before = place.left()
    (place.folder / name).write_bytes(sound.files[name].replace(old.encode(), new.encode(), 1))
    answer = determined(sound.arguments)
    assert_settled(answer)
    assert_report_stands(place, before, answer)
    return answer.status, answer.err


EXACT = {
    "0.01": 1,
    "-0.01": -1,
    "9999999.99": 999_999_999,
    "0.1": 10,
    "7": 700,
    "0.29": 29,
    "1.15": 115,
    "4503599.63": 450_359_963,
}
"""Amounts that a binary float or a rounding would miss, in cents."""


@pytest.mark.parametrize(
    ("layout", "name", "old", "width", "others"),
    [
        ("canonical", "claims.csv", AMOUNT, 0, 1000),
        ("cclf", cclf_name("5"), FIELD, 15, 2 * 7_777_777 - 7_777_777),
        ("rif", "claims/carrier.csv", AMOUNT, 0, 7_777_777 + 8000),
        ("bcda v2", "claims/eob.ndjson", AMOUNT, 0, 7_777_777),
    ],
)
def test_amounts_are_counted_to_the_cent(
    tmp_path: Path, layout: str, name: str, old: str, width: int, others: int
) -> None:
    sound = world(layout)
    with placed(sound, tmp_path / "place") as place:
        content = sound.files[name]
        for text, cents in EXACT.items():
            # CCLF: the first line is cancelled with its own amount, so the second one is changed.
            at = content.index(old.encode(), content.index(old.encode()) + 1) if width else content.index(old.encode())
            changed = content[:at] + text.rjust(width).encode() + content[at + len(old) :]
            (place.folder / name).write_bytes(changed)
            answer = determined(sound.arguments)
            assert answer.status in (0, 1), answer.err
            scores = pl.read_csv(place.report / "threshold_scores.csv", infer_schema=False)
            assert int(scores["payment_denominator"][0].replace(".", "")) == cents + others, text


def test_lost_zeros_are_put_back_and_counted(tmp_path: Path) -> None:
    """A TIN of eight digits is zero-filled; blanks, case and hyphens make no other code of a code."""
    sound = world("canonical")
    files = {name: content.replace(TIN.encode(), b"087654321") for name, content in sound.files.items()}
    expected = determined_scores(World(files, sound.arguments), tmp_path / "zero")
    claims = files["claims.csv"].replace(b"087654321", b"87654321").replace(b"99213", b" 99213 ")
    found = determined_scores(World({**files, "claims.csv": claims}, sound.arguments), tmp_path / "lost")
    assert found == expected


def determined_scores(made: World, folder: Path) -> bytes:
    with placed(made, folder) as place:
        return (place.report / "threshold_scores.csv").read_bytes()


def test_an_id_in_the_column_of_entities_is_not_told(tmp_path: Path) -> None:
    """Columns taken for one another put ids of people where messages name APM Entities."""
    sound = world("canonical")
    with placed(sound, tmp_path / "place") as place:
        for person in (MBI, NPI, TIN):
            participants = sound.files["participants.csv"].replace(b"A9990", person.encode())
            (place.folder / "participants.csv").write_bytes(participants)
            answer = determined(sound.arguments)
            assert_settled(answer)
            assert (answer.status, "error[QP209]" in answer.err) == (3, True)


def test_names_that_a_spreadsheet_would_run_stand_in_the_table_for_people_only(tmp_path: Path) -> None:
    """Names stand in the table for people and nowhere else, ids of entities are what a user gives them.

    That table is written as it is unless --excel-csv or a workbook is asked for, which make such text inert.
    """
    sound = world("canonical")
    made = sound.with_file("participants.csv", sound.files["participants.csv"].replace(NAME.encode(), b"=1+1"))
    with placed(made, tmp_path / "place") as place:
        assert [path.name for path in place.report.iterdir() if b"=1+1" in path.read_bytes()] == ["clinicians.csv"]
