"""The APMs that the founding documents and dated sources name, with whether they are Advanced (42 CFR 414.1410)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources.abc import Traversable

from qpcli.regulation.data_files import DATA, Row, contradiction, read_csv
from qpcli.regulation.law import Evidence

FILE = "advanced_apms.csv"
COLUMNS = (
    "apm",
    "track",
    "names",
    "first_performance_year",
    "last_performance_year",
    "standing",
    "source",
    "evidence",
    "remark",
)


class Standing(StrEnum):
    """What a source says of an APM."""

    ADVANCED = "advanced"
    NOT_ADVANCED = "not_advanced"
    ANNOUNCED = "announced"
    """Named as coming; whether it began was not verified."""


@dataclass(frozen=True, slots=True)
class KnownApm:
    """One APM or track of it in some performance years (last None: no end is known).

    `names`: what an apm_id may call it, compared after `normalised`.
    """

    apm: str
    track: str
    names: tuple[str, ...]
    first_performance_year: int
    last_performance_year: int | None
    standing: Standing
    source: str
    evidence: Evidence
    remark: str

    @property
    def name(self) -> str:
        return f"{self.apm}, {self.track}" if self.track else self.apm

    def holds_in(self, performance_year: int) -> bool:
        """Whether the source speaks of the year."""
        last = self.last_performance_year
        return self.first_performance_year <= performance_year and (last is None or performance_year <= last)


def load_advanced_apms(folder: Traversable = DATA) -> tuple[KnownApm, ...]:
    """Every row; QP502 when one name means different things in one year."""
    apms = tuple(_known_apm(row) for row in read_csv(folder, FILE, COLUMNS))
    for place, apm in enumerate(apms):
        for other in apms[:place]:
            if _speak_of_one_year(apm, other) and set(_normalised(apm.names)) & set(_normalised(other.names)):
                raise contradiction(FILE, f"{apm.name} and {other.name} share a name in one year")
    return apms


def apms_of(performance_year: int, folder: Traversable = DATA) -> tuple[KnownApm, ...]:
    """The rows that speak of a performance year, in the order of the file."""
    return tuple(apm for apm in load_advanced_apms(folder) if apm.holds_in(performance_year))


def known_apm(apms: Iterable[KnownApm], apm_id: str) -> KnownApm | None:
    """The APM that a text names exactly, after normalising; None where none is known by it."""
    asked = normalised(apm_id)
    return next((apm for apm in apms if asked in _normalised(apm.names)), None)


def normalised(name: str) -> str:
    """Lower case, one blank for anything but letters, digits and plus signs: `MSSP_Basic-A` is `mssp basic a`."""
    return re.sub(r"[^a-z0-9+]+", " ", name.lower()).strip()


def _normalised(names: Iterable[str]) -> list[str]:
    return [normalised(name) for name in names]


def _speak_of_one_year(one: KnownApm, other: KnownApm) -> bool:
    return one.holds_in(other.first_performance_year) or other.holds_in(one.first_performance_year)


def _known_apm(row: Row) -> KnownApm:
    last = row.values["last_performance_year"]
    return KnownApm(
        apm=row.text("apm"),
        track=str(row.values["track"]),
        names=tuple(row.text("names").split("|")),
        first_performance_year=_year(row, "first_performance_year"),
        last_performance_year=_year(row, "last_performance_year") if last else None,
        standing=row.member("standing", Standing),
        source=row.text("source"),
        evidence=row.evidence(),
        remark=str(row.values["remark"]),
    )


def _year(row: Row, key: str) -> int:
    text = row.text(key)
    if not re.fullmatch(r"[0-9]{4}", text):
        raise contradiction(row.where, f"{key} is no year")
    return int(text)
