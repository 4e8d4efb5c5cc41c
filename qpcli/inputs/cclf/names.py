"""What the name of a CCLF file or of its zip says: whose it is, which file, which year and which delivery."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath

from qpcli.errors import InputError
from qpcli.inputs.files import InputFile

_OWNER = r"(?P<first>BCD|[A-Z]{1,3}\d+)\.(?P<second>ACO|[A-Z]+\d+)"
_STAMPS = r"(?P<stamps>(?:\.[DSE]\d{6})+)\.T(?P<time>\d{7})"
_MEMBER = re.compile(
    rf"(?P<use>[PT])\.{_OWNER}\.ZC(?P<number>[0-9AB])(?P<weekly>W?)(?P<kind>[YR])(?P<year>\d\d){_STAMPS}"
)
_ZIP_OWNER = re.compile(r"[PT]\.(?P<first>[^.]+)\.(?P<second>[^.]+)\.ZC[0-9AB]?W?[YR]\d\d\.")
_BARE = re.compile(r"ZC(?P<number>[0-9AB])(?P<weekly>W?)(?:[YR]\d\d)?")
_ADDED_SUFFIXES = re.compile(r"(\.(TXT|DAT|CSV|PARQUET|GZ))+$")
_TEST_SENDER = "BCD"


@dataclass(frozen=True, slots=True)
class CclfName:
    """The parts of a member's name; a bare name such as ZC8 has neither owner nor delivery.

    `delivery` is yymmdd * 10**7 + hhmmsst, 0 when the name has no stamps; `delivered_on` is None then.
    `package` is what the files of one delivery have in common.
    """

    number: str
    is_weekly: bool = False
    is_run_out: bool = False
    is_test: bool = False
    entity_id: str | None = None
    delivery: int = 0
    delivered_on: date | None = None
    package: str = ""


def cclf_name(file: InputFile) -> CclfName | None:
    """What the name of a file or of an archive's member says, None for others'; raises QP216 for another's zip."""
    name = PurePosixPath(file.member).name if file.member is not None else file.path.name
    found = parse_name(name)
    if found is not None and file.member is not None:
        _check_owner(file, found)
    return found


def parse_name(name: str) -> CclfName | None:
    """The parts of a name, whatever suffix a user has added; None when it is none of CMS's."""
    plain = _ADDED_SUFFIXES.sub("", name.upper())
    if bare := _BARE.fullmatch(plain):
        return CclfName(bare["number"], is_weekly=bool(bare["weekly"]))
    match = _MEMBER.fullmatch(plain)
    delivered_on = _last_date(match["stamps"]) if match else None
    if match is None or delivered_on is None:
        return None
    entity_id = _entity(match)
    return CclfName(
        number=match["number"],
        is_weekly=bool(match["weekly"]),
        is_run_out=match["kind"] == "R",
        is_test=match["use"] == "T",
        entity_id=entity_id,
        delivery=int(f"{delivered_on:%y%m%d}") * 10**7 + int(match["time"]),
        delivered_on=delivered_on,
        package=f"{entity_id}.{match['weekly']}{match['kind']}{match['year']}{match['stamps']}",
    )


def _entity(match: re.Match[str]) -> str:
    """CMS's test files name their sender first."""
    return match["second"] if match["first"] == _TEST_SENDER else match["first"]


def _last_date(stamps: str) -> date | None:
    """The delivery's date; a weekly name may give the first and last day of its week instead."""
    texts = {stamp[0]: stamp[1:] for stamp in stamps.split(".") if stamp}
    text = texts.get("D") or texts.get("E") or texts.get("S", "")
    try:
        return datetime.strptime(text, "%y%m%d").date()  # noqa: DTZ007
    except ValueError:
        return None


def _check_owner(file: InputFile, found: CclfName) -> None:
    owner = _ZIP_OWNER.match(file.path.name.upper())
    if owner is not None and found.entity_id is not None and _entity(owner) != found.entity_id:
        raise InputError("QP216", f"{file.name}: the archive and its member belong to different ACOs.")
