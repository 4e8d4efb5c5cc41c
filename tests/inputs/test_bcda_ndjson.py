"""Lines that are no resources: each is a bad line with its number, whatever it holds; never a traceback."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from qpcli.errors import InputError
from qpcli.inputs import json_scan
from tests.inputs.bcda_made import line_of, ndjson, read_bcda, v2_claim, v2_item

SECRET = "1S00E00AA66"
HOSTILE = {
    "broken off": '{"resourceType":"ExplanationOfBenefit","patient":{"reference":"Patient/' + SECRET,
    "no json": SECRET,
    "a list": "[1, 2]",
    "a number": "12",
    "no type": '{"id":"' + SECRET + '"}',
    "a type that is no text": '{"resourceType":["ExplanationOfBenefit"]}',
    "deep lists": '{"resourceType":"ExplanationOfBenefit","item":' + "[" * 100_000 + "]" * 100_000 + "}",
    "deep objects": '{"resourceType":"ExplanationOfBenefit","item":' + '{"a":' * 50_000 + "1" + "}" * 50_001,
    "not a number": '{"resourceType":"ExplanationOfBenefit","value":NaN}',
    "infinity": '{"resourceType":"ExplanationOfBenefit","value":-Infinity}',
    "half a character": '{"resourceType":"ExplanationOfBenefit","id":"\\ud83d"}',
    "type is text": '{"resourceType":"ExplanationOfBenefit","type":"71"}',
    "type codings are text": '{"resourceType":"ExplanationOfBenefit","type":{"coding":"71"}}',
    "two resources": '{"resourceType":"Patient"}{"resourceType":"Patient"}',
    "a bundle of nothing": '{"resourceType":"Bundle","entry":[{}]}',
    "entries are no list": '{"resourceType":"Bundle","entry":{}}',
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_line_that_is_no_resource_is_a_bad_line(tmp_path: Path, line: str) -> None:
    path = ndjson(tmp_path / "eob.ndjson", v2_claim(), line, v2_claim(id="B"))
    with pytest.raises(InputError) as raised:
        read_bcda(path)
    assert raised.value.code == "QP203"
    assert raised.value.message == (
        "claims: 1 row has no whole JSON resource, or one of another form than its type has (row 2)"
    )
    read = read_bcda(path, max_rejects=1)
    assert read.lines["claim_version"].to_list() == ["carrier-9001", "B"]
    (rejects,) = read.notes.rejects
    assert (rejects.counts[0].count, rejects.counts[0].rows) == (1, (2,))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda claim: claim.update(patient="Patient/1"),
        lambda claim: claim.update(careTeam={}),
        lambda claim: claim.update(item={}),
        lambda claim: claim.update(item=[1]),
        lambda claim: claim.update(meta=[]),
        lambda claim: claim.update(status=True),
        lambda claim: claim["item"][0].update(sequence={"value": 1}),
        lambda claim: claim["item"][0].update(careTeamSequence=2),
        lambda claim: claim["item"][0].update(extension=["tax_num"]),
        lambda claim: claim["item"][0]["adjudication"][0].update(amount=[37.5]),
        lambda claim: claim["item"][0]["adjudication"][0]["amount"].update(value=False),
        lambda claim: claim["item"][0]["productOrService"]["coding"][0].update(code={}),
    ],
)
def test_a_claim_of_another_form_is_a_bad_line(tmp_path: Path, spoil: object) -> None:
    odd = v2_claim(id="B")
    spoil(odd)  # type: ignore[operator]
    read = read_bcda(ndjson(tmp_path / "eob.ndjson", v2_claim(), odd), max_rejects=1)
    assert read.lines.height == 1
    assert read.notes.rejects[0].counts[0].rows == (2,)


def test_half_a_character_is_a_bad_line(tmp_path: Path) -> None:
    odd = line_of(v2_claim(control="\ud83d"))
    assert "\\ud83d" in odd
    assert read_bcda(ndjson(tmp_path / "eob.ndjson", v2_claim(), odd), max_rejects=1).lines.height == 1
    whole = line_of(v2_claim(control="\U0001f600"))
    assert read_bcda(ndjson(tmp_path / "eob.ndjson", whole)).lines["claim_id"].to_list() == ["\U0001f600"]


def test_a_number_of_any_length_is_text(tmp_path: Path) -> None:
    """A whole number of more digits than Python reads by itself."""
    path = ndjson(tmp_path / "eob.ndjson", v2_claim(), v2_claim(v2_item(paid="9" * 10_000), id="B"))
    with pytest.raises(InputError) as raised:
        read_bcda(path)
    assert "paid_amount beyond +/- 10,000,000.00 (row 2)" in raised.value.message


def test_a_bad_item_is_named_by_its_line_in_the_file(tmp_path: Path) -> None:
    claim = v2_claim(v2_item(), v2_item(line=2, paid='"x"'), v2_item(line=3, paid='"y"'))
    path = ndjson(tmp_path / "eob.ndjson", v2_claim(id="A"), "", claim)
    with pytest.raises(InputError) as raised:
        read_bcda(path)
    assert "2 rows have an unreadable paid_amount (rows 3)" in raised.value.message


def test_rejected_rows_can_be_written_out(tmp_path: Path) -> None:
    claim = v2_claim(v2_item(), v2_item(line=2, paid='"x"'), v2_item(line=3, paid='"y"'))
    path = ndjson(tmp_path / "eob.ndjson", claim, "broken", v2_claim(id="B"))
    read_bcda(path, max_rejects=3, rejects_folder=tmp_path / "rejects")
    lines = (tmp_path / "rejects" / "claim_lines.eob.ndjson.broken-lines.csv").read_text().splitlines()
    assert lines == ["qpcli_row,line", "2,broken"]
    rows = (tmp_path / "rejects" / "claim_lines.eob.ndjson.rejects.csv").read_text().splitlines()
    assert len(rows) == 1 + 3
    assert all(row.startswith("1,paid_amount_unreadable,") for row in rows[1:])


@pytest.mark.parametrize("suffix", ["gz", "zip"])
def test_packed_files_are_read(tmp_path: Path, suffix: str) -> None:
    plain = (line_of(v2_claim()) + "\n").encode()
    path = tmp_path / f"eob.{suffix}"
    if suffix == "gz":
        path.write_bytes(gzip.compress(plain))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("eob.ndjson", plain)
    assert read_bcda(str(path)).lines.height == 1


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    path = tmp_path / "eob.ndjson.gz"
    path.write_bytes(gzip.compress((line_of(v2_claim()) + "\n").encode() * 2000)[:-100])
    with pytest.raises(InputError) as raised:
        read_bcda(str(path))
    assert raised.value.code == "QP214"


@pytest.mark.parametrize(
    ("start", "between", "end"),
    [
        (b"\xef\xbb\xbf", b"\n", b"\n"),
        (b"", b"\r\n", b"\r\n"),
        (b"", b"\n", b""),
        (b"", b"\n\n\n", b"\n\n"),
        (b"\n", b"\n \t\n", b"\n\x1a"),
    ],
)
def test_line_ends_and_marks_do_not_matter(tmp_path: Path, start: bytes, between: bytes, end: bytes) -> None:
    path = tmp_path / "eob.ndjson"
    path.write_bytes(start + between.join(line_of(v2_claim(id=name)).encode() for name in "AB") + end)
    assert read_bcda(str(path)).lines["claim_version"].to_list() == ["A", "B"]


def test_text_that_is_not_utf8_is_latin1(tmp_path: Path) -> None:
    path = tmp_path / "eob.ndjson"
    path.write_bytes(line_of(v2_claim(control="Pena")).replace("Pena", "Peña").encode("latin-1") + b"\n")
    assert read_bcda(str(path)).lines["claim_id"].to_list() == ["Peña"]


def test_lines_and_blocks_need_not_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_scan, "_BLOCK_BYTES", 100)
    monkeypatch.setattr(json_scan, "_ROWS_PER_FRAME", 2)
    path = ndjson(tmp_path / "eob.ndjson", *(v2_claim(v2_item(), v2_item(line=2), id=str(place)) for place in range(7)))
    read = read_bcda(path)
    assert read.lines["claim_version"].to_list() == [str(place) for place in range(7) for _ in range(2)]
    assert [count.row_count for count in read.notes.files] == [14]


def test_an_absurdly_long_line_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ndjson(tmp_path / "eob.ndjson", v2_claim(), "x" * 10_000)
    monkeypatch.setattr(json_scan, "_BLOCK_BYTES", 1000)
    monkeypatch.setattr(json_scan, "MAX_LINE_BYTES", 4000)
    with pytest.raises(InputError) as raised:
        read_bcda(path)
    assert raised.value.code == "QP202"


def test_a_bundle_counts_as_many_records_as_it_holds(tmp_path: Path) -> None:
    entries = ",".join(f'{{"resource":{line_of(v2_claim(id=name))}}}' for name in "AB")
    bundle = f'{{"resourceType":"Bundle","entry":[{entries},{{}}]}}'
    read = read_bcda(ndjson(tmp_path / "eob.ndjson", v2_claim(id="A"), bundle, "broken"), max_rejects=2)
    assert read.lines["claim_version"].to_list() == ["A", "B"]
    assert read.notes.rejects[0].counts[0].rows == (4, 5)
