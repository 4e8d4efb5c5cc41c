"""What a measurement was made on."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("qpcli", "polars", "pyarrow", "duckdb", "pandas", "numpy")


@dataclass(frozen=True, slots=True)
class Machine:
    """Cores that this process may use, memory, versions, and how busy the machine was in the minute before."""

    cores: int
    memory_gigabytes: float
    system: str
    python: str
    versions: dict[str, str]
    load_before: float


def this_machine() -> Machine:
    """Facts of this machine, read now."""
    return Machine(
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_gigabytes=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        system=platform.platform(),
        python=platform.python_version(),
        versions={name: found for name in PACKAGES if (found := _version(name)) is not None},
        load_before=round(os.getloadavg()[0], 2),
    )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
