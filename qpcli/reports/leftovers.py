"""What runs leave beside a report folder: names, the way back for a report moved aside, removal."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from qpcli.reports.scratch import remove_folder
from qpcli.reports.seals import REPORT, Seal

_NEW, _OLD, _SCRATCH = "new", "old", "scratch"


@dataclass(frozen=True, slots=True)
class Siblings:
    """The names a run uses beside the folder `place`."""

    place: Path
    seal: Seal = REPORT

    @property
    def lock(self) -> Path:
        return self.place.parent / f".{self.place.name}.qpcli.lock"

    def new(self, token: str) -> Path:
        """Where a report is written."""
        return self.place.parent / f"{self._prefix(_NEW)}{token}"

    def old(self, token: str) -> Path:
        """Where an earlier report waits when names cannot be exchanged."""
        return self.place.parent / f"{self._prefix(_OLD)}{token}"

    def scratch(self, token: str) -> Path:
        """Where a run keeps what it needs only while it runs."""
        return self.place.parent / f"{self._prefix(_SCRATCH)}{token}"

    def clear(self) -> None:
        """Bring back a report that a run cut off between two renames left aside; remove all else.

        Only for the holder of the lock; OSError when something cannot be moved or removed.
        """
        if not self.place.exists():
            for aside in self._left(_OLD):
                if self.seal.files_of(aside) is not None:
                    os.rename(aside, self.place)  # noqa: PTH104 - tests fail each os function
                    break
        for leftover in self.found():
            if leftover != self.lock:
                remove_sealed(leftover, self.seal)

    def found(self) -> list[Path]:
        """All that runs have left beside the folder, the lock among it."""
        left = [*self._left(_NEW), *self._left(_OLD), *self._left(_SCRATCH)]
        return [*left, *([self.lock] if self.lock.exists() else [])]

    def _left(self, kind: str) -> list[Path]:
        beside = (path for path in self.place.parent.iterdir() if path.name.startswith(self._prefix(kind)))
        return sorted(path for path in beside if path.is_dir() and not path.is_symlink())

    def _prefix(self, kind: str) -> str:
        return f".{self.place.name}.qpcli-{kind}-"


def remove_sealed(folder: Path, seal: Seal = REPORT) -> None:
    """Remove a folder; its seal goes first, so that one half removed never passes for complete."""
    (folder / seal.name).unlink(missing_ok=True)
    remove_folder(folder)
