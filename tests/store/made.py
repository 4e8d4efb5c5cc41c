"""Small stores made in this process, and what they hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from qpcli.conversion import ConversionOutcome, convert
from qpcli.request import ConversionRequest, LawOptions, ReadOptions
from qpcli.watch import SilentWatcher

SHARDS = 4
Members = dict[str, list[str]]
"""The lines of each member of a delivery."""


def request(store: Path, claims: Iterable[Path], **options: Any) -> ConversionRequest:
    assumptions = options.pop("assumptions", {})
    asked = {"shard_count": SHARDS, "reading": ReadOptions()} | options
    return ConversionRequest(tuple(map(str, claims)), store, LawOptions(0, assumptions=assumptions), **asked)


def converted(store: Path, *claims: Path, **options: Any) -> ConversionOutcome:
    """Files put into a store, a new one or one that is there."""
    return convert(request(store, claims, **options), SilentWatcher())


def step_by_step(store: Path, groups: Iterable[Sequence[Path]]) -> Path:
    """Groups of files put into a store one after the other."""
    for group in groups:
        converted(store, *group)
    return store


def record(store: Path) -> dict[str, Any]:
    """The content of store.json."""
    found: dict[str, Any] = json.loads((store / "store.json").read_text(encoding="utf-8"))
    return found


def hashes(store: Path) -> dict[str, str]:
    """SHA-256 of every file of a store but store.json, as they lie on disk."""
    return {
        path.relative_to(store).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(store.rglob("*"))
        if path.is_file() and path.name != "store.json"
    }


def said(store: Path) -> set[str]:
    """Every finding of a store, whole."""
    found = record(store)
    return {json.dumps(each, sort_keys=True) for kind in ("files", "store") for each in found[f"findings_of_{kind}"]}


def counted(store: Path, code: str) -> int | None:
    """The count of the one finding of that code, None without one."""
    found = [each["count"] for each in map(json.loads, said(store)) if each["code"] == code]
    assert len(found) < 2
    return found[0] if found else None


def facts(store: Path) -> dict[str, Any]:
    """What store.json says beside findings and sources."""
    told = ("findings_of_files", "findings_of_store", "sources", "sha256")
    return {name: value for name, value in record(store).items() if name not in told}


def assert_equal_stores(found: Path, expected: Path) -> None:
    """Every file has the same bytes, and store.json says the same in whatever order."""
    assert hashes(found) == hashes(expected)
    assert facts(found) == facts(expected)
    assert sorted(said(found) ^ said(expected)) == []
    assert {str(each) for each in record(found)["sources"]} == {str(each) for each in record(expected)["sources"]}


def members(delivery: Path) -> Members:
    """The lines of every file in a zip, by number of the file; sample members have one of each."""
    with ZipFile(delivery) as archive:
        return {name: archive.read(name).decode("latin-1").splitlines() for name in archive.namelist()}


def write_delivery(path: Path, files: Mapping[str, Sequence[str]]) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, lines in files.items():
            archive.writestr(name, "".join(f"{line}\n" for line in lines).encode("latin-1"))
    return path


def changed(delivery: Path, number: str, change: Callable[[list[str]], list[str]]) -> None:
    """Rewrite the file of a number in a delivery, which must have it."""
    files = members(delivery)
    (name,) = (name for name in files if f".ZC{number}" in name)
    write_delivery(delivery, files | {name: change(files[name])})


def lines_of(delivery: Path, number: str) -> list[str]:
    """The lines of the file of a number; none where the delivery lacks it."""
    return next((lines for name, lines in members(delivery).items() if f".ZC{number}" in name), [])
