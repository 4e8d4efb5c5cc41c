"""Every damaged file of the corpus, end to end with canaries in it: refused with its code, or read as if sound."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from pathlib import Path

import pytest

from tests.faults.calls import Place, assert_report_stands, assert_settled, determined, placed
from tests.faults.corpus import (
    BAD_ARCHIVES,
    BROKEN_FILES,
    BROKEN_ROWS,
    HARMLESS,
    NOT_NDJSON,
    Change,
    in_line,
    lines_of,
    replaced,
)
from tests.faults.worlds import ALIGNED_NAME, ASSIGNED_NAME, CCLF, World, cclf_name, world

TEXTS = (
    ("canonical", "claims.csv"),
    ("canonical", "beneficiaries.csv"),
    ("canonical", "participants.csv"),
    ("canonical", "attribution.csv"),
    ("canonical", "entities.csv"),
    ("other payer", "other_payer.csv"),
    ("cclf", cclf_name("5")),
    ("cclf", cclf_name("8")),
    ("rif", "claims/carrier.csv"),
    ("rif", "claims/beneficiary.csv"),
    ("bcda v2", "claims/eob.ndjson"),
    ("bcda v3", "claims/eob.ndjson"),
    ("roster", "participants.csv"),
    ("assignment", ASSIGNED_NAME),
    ("mbi list", "attribution.csv"),
)
TABLES = {name: layout for layout, name in TEXTS if layout in ("canonical", "other payer")}
ARCHIVED = tuple(text for text in TEXTS if text[0] != "canonical" or text[1] == "claims.csv")


def settled(tmp_path: Path, sound: World, name: str, content: bytes, *options: str) -> tuple[int, str]:
    """Exit status and stderr of a run on the damaged file, after everything that must hold was seen to hold."""
    with placed(sound, tmp_path / "place") as place:
        before = place.left()
        (place.folder / name).write_bytes(content)
        answer = determined((*sound.arguments, *options))
        assert_settled(answer)
        assert_report_stands(place, before, answer)
        if answer.status > 1:
            assert place.left() == before
        return answer.status, answer.err


def tables(place: Place) -> dict[str, str]:
    """The tables of the report, but for what is said of the files."""
    return {name: digest for name, digest in place.left().items() if name.endswith(".csv") and name != "findings.csv"}


@pytest.mark.parametrize("harm", HARMLESS)
@pytest.mark.parametrize(("layout", "name"), TEXTS, ids=[f"{layout}-{name}" for layout, name in TEXTS])
def test_harmless_forms_are_read_as_if_nothing_were(tmp_path: Path, layout: str, name: str, harm: str) -> None:
    sound = world(layout)
    with placed(sound, tmp_path / "place") as place:
        expected = tables(place)
        (place.folder / name).write_bytes(HARMLESS[harm](sound.files[name]))
        answer = determined(sound.arguments)
        assert answer.status == 0, answer.err
        assert tables(place) == expected


@pytest.mark.parametrize(("layout", "name"), [text for text in TEXTS if not text[1].startswith("claims/")])
def test_a_mark_is_read_over_whatever_encoding_is_asked_for(tmp_path: Path, layout: str, name: str) -> None:
    sound = world(layout)
    with placed(sound, tmp_path / "place") as place:
        expected = tables(place)
        (place.folder / name).write_bytes(BOM_UTF8 + sound.files[name])
        answer = determined((*sound.arguments, "--encoding", "cp1252"))
        assert (answer.status, tables(place) == expected) == (0, True), answer.err


@pytest.mark.parametrize("layout", ["bcda v2", "bcda v3"])
def test_a_bundle_behind_a_mark_is_read_as_its_resources(tmp_path: Path, layout: str) -> None:
    sound, name = world(layout), "claims/eob.ndjson"
    entries = [{"resource": json.loads(line)} for line in lines_of(sound.files[name])]
    bundle = json.dumps({"resourceType": "Bundle", "entry": entries}, indent=1)
    with placed(sound, tmp_path / "place") as place:
        expected = tables(place)
        (place.folder / name).write_bytes(BOM_UTF8 + bundle.encode())
        answer = determined(sound.arguments)
        assert (answer.status, tables(place) == expected) == (0, True), answer.err


@pytest.mark.parametrize("archive", BAD_ARCHIVES)
@pytest.mark.parametrize(("layout", "name"), ARCHIVED, ids=[f"{layout}-{name}" for layout, name in ARCHIVED])
def test_a_bad_archive_is_refused(tmp_path: Path, layout: str, name: str, archive: str) -> None:
    sound = world(layout)
    content = BAD_ARCHIVES[archive](sound.files[name], Path(name).name)
    status, words = settled(tmp_path, sound, name, content)
    assert (status, "error[QP214]" in words) == (3, True), words


@pytest.mark.parametrize("archive", BAD_ARCHIVES)
def test_a_workbook_in_a_bad_archive_is_refused(tmp_path: Path, archive: str) -> None:
    sound, name = world("alignment"), ALIGNED_NAME
    status, words = settled(tmp_path, sound, name, BAD_ARCHIVES[archive](sound.files[name], name))
    # A zip within a zip is taken for a workbook, and for none of those.
    code = "QP202" if archive == "zip of a zip" else "QP214"
    assert (status, f"error[{code}]" in words) == (3, True), words


@pytest.mark.parametrize("fault", BROKEN_ROWS)
@pytest.mark.parametrize("name", TABLES)
def test_a_row_that_is_no_record_is_rejected_by_number(tmp_path: Path, name: str, fault: str) -> None:
    sound = world(TABLES[name])
    status, words = settled(tmp_path, sound, name, BROKEN_ROWS[fault](sound.files[name]))
    assert (status, "error[QP203]" in words, "(row" in words) == (3, True, True), words


OTHER_FORMS_OF_LISTS = ("semicolons", "carriage returns only", "two columns of a name", "unclosed quote in the header")
"""What is wrong in a table may be right, or wrong for another reason, in a list of participants."""


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        (name, fault)
        for name in TABLES
        for fault in BROKEN_FILES
        if name != "participants.csv" or fault not in OTHER_FORMS_OF_LISTS
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_with_what_was_found(tmp_path: Path, name: str, fault: str) -> None:
    change, code = BROKEN_FILES[fault]
    sound = world(TABLES[name])
    status, words = settled(tmp_path, sound, name, change(sound.files[name]))
    assert (status, f"error[{code}" in words) == (3, True), words


def test_a_header_that_runs_on_into_the_only_row_tells_no_name(tmp_path: Path) -> None:
    sound = world("roster")
    header, row = lines_of(sound.files["participants.csv"])
    content = header.rstrip() + b"," + row.partition(b",12/31/9999,")[2]
    settled(tmp_path, sound, "participants.csv", content.replace(b"Canaria,", b"", 1))


@pytest.mark.parametrize("name", TABLES)
def test_when_every_row_is_rejected_nothing_is_determined(tmp_path: Path, name: str) -> None:
    sound = world(TABLES[name])
    header, *rows = lines_of(sound.files[name])
    content = b"".join([header, *(row.rpartition(b",")[0] + b"\n" for row in rows)])
    status, words = settled(tmp_path, sound, name, content, "--max-rejects", "99")
    assert (status, "error[QP213]" in words) == (3, True), words


@pytest.mark.parametrize("fault", NOT_NDJSON)
@pytest.mark.parametrize("layout", ["bcda v2", "bcda v3"])
def test_an_export_that_is_no_ndjson_stops_the_run(tmp_path: Path, layout: str, fault: str) -> None:
    sound = world(layout)
    name = "claims/eob.ndjson"
    status, words = settled(tmp_path, sound, name, NOT_NDJSON[fault](sound.files[name]))
    assert status == 3, words


ODD_RECORDS: dict[str, Change] = {
    "line cut before the last needed column": in_line(-1, lambda line: line[:20]),
    "line longer than the record": in_line(-1, lambda line: line + b"CANARYCELL"),
    "line broken in two": in_line(-1, lambda line: line[:15] + b"\n" + line[15:]),
    "two lines joined": lambda content: content.replace(b"\n", b"", 1) if content.count(b"\n") > 2 else content + b"X",
    "NULs at the end": lambda content: content + b"\0" * 80,
}


@pytest.mark.parametrize("fault", ODD_RECORDS)
@pytest.mark.parametrize("number", CCLF)
def test_a_cclf_line_that_is_no_record_is_a_bad_row(tmp_path: Path, number: str, fault: str) -> None:
    sound, name = world("cclf"), cclf_name(number)
    status, words = settled(tmp_path, sound, name, ODD_RECORDS[fault](sound.files[name]))
    assert status == 3, words


@pytest.mark.parametrize("number", "58")
def test_a_cclf_of_an_unknown_record_length_is_refused(tmp_path: Path, number: str) -> None:
    sound, name = world("cclf"), cclf_name(number)
    content = sound.files[name].replace(b"\n", b" " * 333 + b"\n")
    status, words = settled(tmp_path, sound, name, content)
    assert status == 3, words


def test_rows_that_do_not_match_the_row_counts_are_an_error(tmp_path: Path) -> None:
    sound, name = world("cclf"), cclf_name("5")
    status, words = settled(tmp_path, sound, name, b"".join(lines_of(sound.files[name])[1:]))
    assert (status, "CCLF0 lists 3 rows" in words) == (1, True), words


@pytest.mark.parametrize("spoilt", ["-", "x", "9" * 5000, ""])
def test_row_counts_that_cannot_be_read_vouch_for_nothing(tmp_path: Path, spoilt: str) -> None:
    sound, name = world("cclf"), cclf_name("0")
    status, words = settled(tmp_path, sound, name, replaced("          3|", f"          {spoilt}|")(sound.files[name]))
    assert (status, " rows for P.A9990.ACO.ZC5Y25.D250714.T1010101, 3 were read" in " ".join(words.split())) == (
        1,
        True,
    )


def test_blank_ends_of_cclf_lines_may_be_cut_and_are_counted(tmp_path: Path) -> None:
    sound, name = world("cclf"), cclf_name("5")
    first, *others = lines_of(sound.files[name])
    with placed(sound, tmp_path / "place") as place:
        expected = tables(place)
        (place.folder / name).write_bytes(b"".join([first, *(line[:373] + b"\n" for line in others)]))
        answer = determined(sound.arguments)
        assert (answer.status, tables(place) == expected) == (0, True), answer.err
        assert "short_lines" in (place.report / "findings.csv").read_text()


@pytest.mark.parametrize("number", CCLF)
def test_a_final_control_z_and_blank_lines_are_no_content(tmp_path: Path, number: str) -> None:
    sound, name = world("cclf"), cclf_name(number)
    with placed(sound, tmp_path / "place") as place:
        expected = tables(place)
        for content in (sound.files[name] + b"\n\x1a", sound.files[name].removesuffix(b"\n") + b"\x1a"):
            (place.folder / name).write_bytes(content)
            answer = determined(sound.arguments)
            assert (answer.status, tables(place) == expected) == (0, True), answer.err


def test_a_latin_1_name_shifts_no_column(tmp_path: Path) -> None:
    sound, name = world("cclf"), cclf_name("8")
    with placed(sound, tmp_path / "place") as place:
        expected = tables(place)
        (place.folder / name).write_bytes(sound.files[name].replace(b"Canaria", b"Ca\xc3\xb1ria"[:7], 1))
        answer = determined(sound.arguments)
        assert (answer.status, tables(place) == expected) == (0, True), answer.err


RIF_ROWS: dict[str, Change] = {
    "short row": in_line(-1, lambda line: line.rpartition(b"|")[0]),
    "half a row": lambda content: content[:-30],
    "NULs at the end": lambda content: content + b"\0" * 40,
    "a NUL in a row": in_line(-1, lambda line: line[:4] + b"\0" + line[4:]),
}


@pytest.mark.parametrize("name", ["carrier", "outpatient", "beneficiary"])
def test_blank_lines_between_rif_rows_are_no_records(tmp_path: Path, name: str) -> None:
    sound, name = world("rif"), f"claims/{name}.csv"
    with placed(sound, tmp_path / "place") as place:
        expected = tables(place)
        (place.folder / name).write_bytes(sound.files[name].replace(b"\n", b"\n\n"))
        answer = determined(sound.arguments)
        assert (answer.status, tables(place) == expected) == (0, True), answer.err


@pytest.mark.parametrize("fault", RIF_ROWS)
@pytest.mark.parametrize("name", ["carrier", "outpatient", "beneficiary"])
def test_a_rif_row_that_is_no_record_is_a_bad_row(tmp_path: Path, name: str, fault: str) -> None:
    sound, name = world("rif"), f"claims/{name}.csv"
    status, words = settled(tmp_path, sound, name, RIF_ROWS[fault](sound.files[name]))
    assert (status, "error[QP203]" in words) == (3, True), words
