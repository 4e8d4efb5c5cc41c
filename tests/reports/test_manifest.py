"""What a report says about itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qpcli.reports.manifest import MANIFEST_NAME, InputRecord, OutputRecord, manifest_json, read_manifest
from qpcli.reports.records import sealed
from tests.reports.world import manifest_of

OUTPUTS = (OutputRecord("determinations.parquet", 2, "ab" * 32),)
INPUTS = (InputRecord("claim_lines", "claims.csv", 10, "cd" * 32, 3, 1),)


def test_a_manifest_comes_back_as_it_was_written(tmp_path: Path) -> None:
    manifest = manifest_of(inputs=INPUTS)(OUTPUTS)
    (tmp_path / MANIFEST_NAME).write_bytes(manifest_json(manifest))
    assert read_manifest(tmp_path) == manifest


def test_the_json_is_versioned_sorted_and_indented() -> None:
    text = manifest_json(manifest_of()(OUTPUTS)).decode()
    content = json.loads(text)
    assert content["manifest_version"] == 1
    assert content["program"] == "qpcli"
    assert text == json.dumps(content, sort_keys=True, indent=2) + "\n"


def test_it_names_options_open_points_law_and_findings() -> None:
    content = json.loads(manifest_json(manifest_of()(OUTPUTS)))
    assert content["options"]["inputs"]["claims"] == ["claims.csv"]
    assert content["options"]["output"]["format"] == "parquet"
    assert [(point["name"], point["value"], point["is_overridden"]) for point in content["open_points"]] == [
        ("claims_run_out_days", "91", True),
        ("denied_lines", "never_count", False),
    ]
    assert [(entry["authority"], entry["published"]) for entry in content["law_entries"]] == [
        ("Pub. L. 118-42", "2024-03-09"),
        ("list made for qpcli", None),
    ]
    assert content["findings"] == {"error": 0, "warning": 2, "info": 1}
    assert content["steps"] == [{"step": "read", "seconds": 0.5}]
    assert set(content["versions"]) == {"qpcli", "polars", "python", "schema"}


def test_a_file_name_that_is_no_utf_8_does_not_spoil_the_manifest(tmp_path: Path) -> None:
    odd = InputRecord("claim_lines", "claims-\udce4.csv", 10, "cd" * 32, 3)
    (tmp_path / MANIFEST_NAME).write_bytes(manifest_json(manifest_of(inputs=(odd,))(())))
    manifest = read_manifest(tmp_path)
    assert manifest is not None
    assert manifest.inputs[0].path == "claims-\\udce4.csv"


def test_what_is_missing_damaged_or_another_program_s_is_no_manifest(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) is None
    assert read_manifest(tmp_path / "absent") is None
    whole = manifest_json(manifest_of()(OUTPUTS))
    for text in (
        b"",
        whole[:-20],
        whole[:-1],
        b"[]",
        whole.replace(b'"qpcli"', b'"other"'),
        b'{"name": "an extension"}',
        b"\xff",
    ):
        (tmp_path / MANIFEST_NAME).write_bytes(text)
        assert read_manifest(tmp_path) is None


def test_a_key_that_a_later_version_added_does_no_harm(tmp_path: Path) -> None:
    manifest = manifest_of()(OUTPUTS)
    content = json.loads(manifest_json(manifest)) | {"added_later": 1}
    (tmp_path / MANIFEST_NAME).write_bytes(sealed(content))
    assert read_manifest(tmp_path) == manifest


@pytest.mark.parametrize(
    ("written", "edited"),
    [
        ('"exit_code": 0', '"exit_code": 1'),
        ('"value": "91"', '"value": "90"'),
        ('"rows": 3', '"rows": 4'),
        ("ab" * 32, "ac" * 32),
        ('"removed": []', '"removed": ["a"]'),
        ('  "run_id"', '   "run_id"'),
    ],
)
def test_a_manifest_that_was_edited_is_none(tmp_path: Path, written: str, edited: str) -> None:
    text = manifest_json(manifest_of(inputs=INPUTS)(OUTPUTS)).decode()
    assert text.count(written) == 1
    (tmp_path / MANIFEST_NAME).write_text(text.replace(written, edited))
    assert read_manifest(tmp_path) is None


def test_a_file_nested_without_end_is_no_manifest(tmp_path: Path) -> None:
    (tmp_path / MANIFEST_NAME).write_text("[" * 100_000)
    assert read_manifest(tmp_path) is None
