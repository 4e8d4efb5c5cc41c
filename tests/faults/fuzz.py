"""Any damage to any file gives an exit status of the table, tells no value, and leaves the report or a whole new one.

Run as a program (`make fuzz`) it tries many cases and prints how many, and which exit statuses each file gave.
"""

from __future__ import annotations

import sys
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.faults.calls import Place, assert_report_stands, assert_settled, checked, determined, placed
from tests.faults.mutations import MUTATIONS, Damage, Mutation, damages_of, mutated
from tests.faults.worlds import ALIGNED_NAME, ASSIGNED_NAME, World, cclf_name, world

TARGETS = (
    *(("canonical", f"{name}.csv") for name in ("claims", "beneficiaries", "participants", "attribution", "entities")),
    ("other payer", "other_payer.csv"),
    *(("cclf", cclf_name(number)) for number in "015289B"),
    *(("rif", f"claims/{name}.csv") for name in ("carrier", "outpatient", "beneficiary")),
    *(("bcda v2", f"claims/{name}.ndjson") for name in ("eob", "patients", "coverage")),
    ("bcda v3", "claims/eob.ndjson"),
    ("roster", "participants.csv"),
    ("assignment", ASSIGNED_NAME),
    ("mbi list", "attribution.csv"),
    ("alignment", ALIGNED_NAME),
    ("configuration", "qpcli.toml"),
)
"""Layouts and the file of each that is damaged."""
DETERMINED_OF = 3
"""One in so many cases is determined, the others are checked."""


@dataclass(slots=True)
class Tried:
    """How many cases a file went through and how they ended."""

    statuses: Counter[int] = field(default_factory=Counter)

    def __str__(self) -> str:
        ended = "  ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        return f"{self.statuses.total():6}   {ended}"


def fuzz(layout: str, name: str, folder: Path, *, cases: int, is_fixed: bool) -> Tried:
    """Try that many cases of damage to a file; raises AssertionError with the smallest case that breaks the promise."""
    sound, tried = world(layout), Tried()
    damages = list(damages_of(name).values())

    @settings(
        max_examples=cases,
        deadline=None,
        derandomize=is_fixed,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(damages), MUTATIONS)
    def settle(damage: Damage, mutations: list[Mutation]) -> None:
        content = mutated(sound.files[name], mutations, damage)
        tried.statuses[_outcome(place, sound, name, content)] += 1

    with placed(sound, folder) as place:
        settle()
    return tried


def _outcome(place: Place, sound: World, name: str, content: bytes) -> int:
    """The exit status of a run on the damaged file, which is put right again."""
    path = place.folder / name
    path.write_bytes(content)
    try:
        before = place.left()
        # By the content: the same case must end the same way when it is tried again.
        is_run = crc32(content) % DETERMINED_OF == 0
        answer = determined(sound.arguments) if is_run else checked(sound.arguments)
        assert_settled(answer)
        assert_report_stands(place, before, answer)
        return answer.status
    finally:
        path.write_bytes(sound.files[name])


def main(cases: int) -> int:
    """Every file in turn; the number of cases is shared out among them. Exit status 1 when a promise is broken."""
    share, total, broken = -(-cases // len(TARGETS)), 0, 0
    for layout, name in TARGETS:
        with TemporaryDirectory() as folder:
            try:
                tried = fuzz(layout, name, Path(folder) / "place", cases=share, is_fixed=False)
            except AssertionError:
                traceback.print_exc()
                broken += 1
                continue
        total += tried.statuses.total()
        sys.stdout.write(f"{layout:14} {Path(name).name:50} {tried}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{total} cases; {broken} of {len(TARGETS)} files broke a promise\n")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
