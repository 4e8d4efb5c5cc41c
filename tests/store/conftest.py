"""A feed of monthly deliveries with everything that makes updating hard, and canonical claims in two files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from qpcli.sample import SamplePlan, write_cclf_sample, write_sample
from tests.store.made import changed, converted, lines_of

YEAR = 2025
_VERSION, _CODE, _LINE_CODE, _ADJUSTMENT = slice(13), slice(97, 102), slice(147, 149), slice(149, 151)
_REDUCTION = slice(77, 92)


@dataclass(frozen=True)
class Feed:
    """A feed in its folder with the lists beside it; `deliveries` in order of time."""

    folder: Path
    deliveries: tuple[Path, ...]

    @property
    def months(self) -> list[list[Path]]:
        """Deliveries one by one; January, which has no claims, comes with February."""
        return [list(self.deliveries[:2]), *([delivery] for delivery in self.deliveries[2:])]


@pytest.fixture(scope="session")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Feed:
    """People change ids twice and vanish; July comes again in October without its reductions.

    Cancellations are marked as denied, whatever they cancel, and half of them have another code than their line.
    """
    folder = tmp_path_factory.mktemp("feed") / "out"
    write_cclf_sample(SamplePlan(performance_year=YEAR, beneficiaries=300, format="csv"), folder)
    deliveries = tuple(sorted((folder / "cclf").iterdir(), key=lambda path: path.name.partition(".D")[2]))
    for delivery in deliveries[1:]:
        changed(delivery, "5", _with_odd_cancellations)
    for delivery in deliveries[8:]:
        changed(delivery, "8", _without_some_people)
    july, october = deliveries[6], deliveries[9]
    for number in ("5", "B"):
        again = [_without_reduction(line) if number == "B" else line for line in lines_of(july, number)]
        changed(october, number, lambda lines, again=again: lines + again)
    return Feed(folder, deliveries)


def _without_some_people(lines: list[str]) -> list[str]:
    return [line for line in lines if not line[:11].rstrip().endswith("7")]


def _with_odd_cancellations(lines: list[str]) -> list[str]:
    return [_odd(line) if line[_ADJUSTMENT].strip() == "1" else line for line in lines]


def _odd(line: str) -> str:
    denied = _put(line, _LINE_CODE, "C ")
    return _put(denied, _CODE, "X9999") if int(line[_VERSION]) % 8 < 4 else denied


def _without_reduction(line: str) -> str:
    return _put(line, _REDUCTION, "0.00".rjust(_REDUCTION.stop - _REDUCTION.start))


def _put(line: str, place: slice, text: str) -> str:
    return line[: place.start] + text + line[place.stop :]


@pytest.fixture(scope="session")
def whole(feed: Feed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of all deliveries at once; nobody writes to it."""
    store = tmp_path_factory.mktemp("whole") / "store"
    converted(store, *feed.deliveries)
    return store


@pytest.fixture(scope="session")
def canonical(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A canonical sample of 200 people with two files of claim lines; nobody writes to it."""
    folder = tmp_path_factory.mktemp("canonical") / "out"
    write_sample(SamplePlan(performance_year=YEAR, beneficiaries=200, format="csv", parts=2), folder)
    return folder
