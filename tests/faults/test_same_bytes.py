"""CCLF deliveries in whatever order, split, name, threads, locale and time zone give the same bytes."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from qpcli.sample import SamplePlan, write_cclf_sample
from tests.cli.calling import qpcli
from tests.store.made import hashes, members, write_delivery

YEAR = 2025
TABLES = ("threshold_scores", "determinations", "clinicians", "exclusions")
Delivered = dict[str, dict[str, list[str]]]
"""Zips by name, each with the lines of its members."""


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feed") / "out"
    write_cclf_sample(SamplePlan(performance_year=YEAR, beneficiaries=150, format="csv"), folder)
    return folder


@pytest.fixture(scope="module")
def delivered(feed: Path) -> Delivered:
    return {zipped.name: members(zipped) for zipped in sorted((feed / "cclf").iterdir())}


@pytest.fixture(scope="module")
def expected(feed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The reports of the deliveries as they came, without a store."""
    return determined(feed, feed / "cclf", tmp_path_factory.mktemp("expected") / "report")


def determined(feed: Path, claims: Path, out: Path, *options: str, **variables: str) -> dict[str, bytes]:
    lists = ("--participants", "Participant List.csv", "--attribution", "attribution.csv", "--entities", "entities.csv")
    given = ("--year", str(YEAR), "--claims", str(claims), *lists, "--out", str(out), "--format", "csv")
    answer = qpcli("determine", *given, "--fail-on", "never", "--quiet", *options, cwd=feed, variables=variables)
    assert answer.status == 0, answer.err
    return {name: (out / f"{name}.csv").read_bytes() for name in TABLES}


def converted(feed: Path, claims: Path, store: Path, **variables: str) -> Path:
    options = ("--claims", str(claims), "--out", str(store), "--shards", "3", "--fail-on", "never", "--quiet")
    answer = qpcli("convert", *options, cwd=feed, variables=variables)
    assert answer.status == 0, answer.err
    return store


def shuffled(folder: Path, found: Delivered) -> None:
    """The rows of every file in another order; the row counts stay as they are."""
    order = random.Random(7)
    for name, files in found.items():
        mixed = {
            file: order.sample(lines, len(lines)) if ".ZC0" not in file else lines for file, lines in files.items()
        }
        write_delivery(folder / name, mixed)


def unpacked_at_another_time(folder: Path, found: Delivered) -> None:
    """Members as files in folders of their own, all made an hour later."""
    for name, files in found.items():
        place = folder / name.partition(".D")[2].replace(".", " ")
        place.mkdir()
        for file, lines in files.items():
            _write(place / re.sub(r"\.T(\d\d)", lambda match: f".T{(int(match[1]) + 1) % 24:02}", file), lines)


def split(folder: Path, found: Delivered) -> None:
    """Every file of claims in three, in archives of their own; without row counts, which would not match."""
    for name, files in found.items():
        for part in range(3):
            parts = {file: lines[part::3] for file, lines in files.items() if ".ZC0" not in file}
            write_delivery(folder / re.sub(r"\.T\d(\d)", rf".T{part}\1", name), parts)


def doubled(folder: Path, found: Delivered) -> None:
    """Every delivery twice: as it came, and in a folder of copies."""
    copies = folder / "copies"
    copies.mkdir()
    for name, files in found.items():
        write_delivery(folder / name, files)
        write_delivery(copies / name, files)


def _write(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="latin-1")


VARIATIONS: dict[str, tuple[Callable[[Path, Delivered], None], dict[str, str]]] = {
    "shuffled": (shuffled, {"POLARS_MAX_THREADS": "1", "TZ": "Asia/Tokyo", "LC_ALL": "tr_TR.UTF-8"}),
    "unpacked": (unpacked_at_another_time, {"POLARS_MAX_THREADS": "2", "TZ": "America/New_York", "LC_ALL": "C"}),
    "split": (split, {"POLARS_MAX_THREADS": "3", "TZ": "Pacific/Kiritimati", "LC_ALL": "de_DE.UTF-8"}),
    "doubled": (doubled, {"POLARS_MAX_THREADS": "4", "TZ": "UTC", "LC_ALL": "ar_EG.UTF-8"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("variation", VARIATIONS)
def test_how_the_deliveries_lie_and_where_they_are_read_changes_no_byte(
    tmp_path: Path, feed: Path, delivered: Delivered, expected: dict[str, bytes], variation: str
) -> None:
    change, variables = VARIATIONS[variation]
    claims = tmp_path / "claims"
    claims.mkdir()
    change(claims, delivered)
    assert determined(feed, claims, tmp_path / "report", **variables) == expected
    store = converted(feed, claims, tmp_path / "store", **variables)
    assert determined(feed, store, tmp_path / "stored", **variables) == expected


@pytest.mark.slow
def test_a_store_has_the_same_bytes_whatever_the_order_of_rows_and_the_threads(
    tmp_path: Path, feed: Path, delivered: Delivered
) -> None:
    claims = tmp_path / "claims"
    claims.mkdir()
    shuffled(claims, delivered)
    sound = converted(feed, feed / "cclf", tmp_path / "sound", POLARS_MAX_THREADS="4")
    other = converted(feed, claims, tmp_path / "other", POLARS_MAX_THREADS="1")
    assert hashes(other) == hashes(sound)
