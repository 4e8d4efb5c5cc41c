"""Monthly deliveries as CMS packs them: one zip per month, a member per file, and CCLF0 that counts them."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import polars as pl

from qpcli.sample.records import record_length

DELIVERY_NUMBERS = range(16)
"""January of the performance year to April of the next; number k holds what was loaded in the k-th month."""

FEED_ACO = "A9900"
_DELIVERY_DAY = 12
_TIME = ("T0930150", (9, 30, 14))
"""Stamp of hour, minute, second and tenth, and what the archive says of it."""
_DESCRIPTIONS = {
    "1": "Part A Claims Header File",
    "2": "Part A Claims Revenue Center Detail File",
    "3": "Part A Procedure Code File",
    "4": "Part A Diagnosis Code File",
    "5": "Part B Physicians File",
    "6": "Part B DME File",
    "7": "Part D File",
    "8": "Beneficiary Demographics File",
    "9": "Beneficiary XREF File",
    "A": "Part A BE and Demo Codes File",
    "B": "Part B BE and Demo Codes File",
}
_HEADINGS = "File Number  |File Description    |Total Records Count |Record Length"
_COPY_BYTES = 1 << 20


def delivered_on(number: int, performance_year: int) -> date:
    """The day of a delivery."""
    return date(performance_year + number // 12, number % 12 + 1, _DELIVERY_DAY)


def delivered_month(number: int) -> int:
    """The month of the performance year whose facts a delivery tells: its own, later the last."""
    return min(number + 1, 12)


class Feed:
    """The deliveries of a feed, filled record by record in any order of deliveries and packed at the end."""

    def __init__(self, folder: Path, performance_year: int) -> None:
        self._folder, self._year = folder, performance_year
        self._counts: Counter[tuple[int, str]] = Counter()

    def append(self, number: int, file: str, rows: pl.DataFrame) -> None:
        """Add records, the one column of `rows`, to a file such as `5` of a delivery."""
        if not rows.height:
            return
        path = self._unpacked(number, file)
        path.touch(mode=0o600)
        with path.open("ab") as stream:
            rows.write_csv(stream, include_header=False, quote_style="never")
        self._counts[number, file] += rows.height

    def row_count(self, file: str) -> int:
        """Records of a file in all deliveries."""
        return sum(count for (_, each), count in self._counts.items() if each == file)

    def close(self) -> tuple[Path, ...]:
        """Pack every delivery; the paths of the archives in order."""
        return tuple(self._pack(number) for number in DELIVERY_NUMBERS)

    def _pack(self, number: int) -> Path:
        path = self._folder / self._name(number, "")
        path.touch(mode=0o600, exist_ok=False)
        with ZipFile(path, "w") as archive:
            archive.writestr(self._member(number, "0"), self._summary(number))
            for file in _DESCRIPTIONS:
                if self._counts[number, file]:
                    self._move_into(archive, number, file)
        return path

    def _move_into(self, archive: ZipFile, number: int, file: str) -> None:
        unpacked, member = self._unpacked(number, file), self._member(number, file)
        member.file_size = unpacked.stat().st_size
        with unpacked.open("rb") as source, archive.open(member, "w") as target:
            shutil.copyfileobj(source, target, _COPY_BYTES)
        unpacked.unlink()

    def _member(self, number: int, file: str) -> ZipInfo:
        """A member with dates of its own, so that equal samples are equal archives."""
        day = delivered_on(number, self._year)
        member = ZipInfo(self._name(number, file), (day.year, day.month, day.day, *_TIME[1]))
        member.compress_type, member.external_attr, member.create_system = ZIP_DEFLATED, 0o600 << 16, 3
        return member

    def _summary(self, number: int) -> str:
        """CCLF0: headings, and one line per file with rows and record length."""
        lines = [
            f"CCLF{file}  |{text:43}|{self._counts[number, file]:11}|{record_length(f'CCLF{file}'):5} "
            for file, text in _DESCRIPTIONS.items()
        ]
        return "".join(f"{line}\n" for line in (_HEADINGS, *lines))

    def _unpacked(self, number: int, file: str) -> Path:
        return self._folder / f"{self._name(number, file)}.unpacked"

    def _name(self, number: int, file: str) -> str:
        """P.A9900.ACO.ZC5Y25.D250712.T0930150; deliveries after the year's end are run-out files."""
        day = delivered_on(number, self._year)
        kind = "Y" if day.year == self._year else "R"
        return f"P.{FEED_ACO}.ACO.ZC{file}{kind}{self._year % 100:02}.D{day:%y%m%d}.{_TIME[0]}"
